// The gateway: the governed front door over HTTP.

export { openGateway } from "./gateway.ts";
export { identitySettings } from "./identity/settings.ts";
export { actionNames, actions, purposes, resourceShape } from "./policy/actions.ts";
export { permissionMatrix } from "./policy/matrix.ts";
export { openPolicy } from "./policy/policy.ts";
export { roles } from "./policy/roles.ts";
export type { Explanation, Question } from "./policy/types.ts";
export type { Discrepancy, GatewayOptions } from "./types.ts";
