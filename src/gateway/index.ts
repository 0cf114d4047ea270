// The gateway: the governed front door over HTTP.

export { openGateway } from "./gateway.ts";
export type { Discrepancy, GatewayOptions } from "./types.ts";
