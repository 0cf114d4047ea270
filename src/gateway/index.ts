// The gateway: the governed front door over HTTP.

export { readRoles } from "./colleagues/store.ts";
export { transformationSettings } from "./contracts/transformations.ts";
export { openGateway } from "./gateway.ts";
export { type IdentitySettings, identitySettings } from "./identity/settings.ts";
export { actionNames, actions, purposes, resourceShape } from "./policy/actions.ts";
export { permissionMatrix } from "./policy/matrix.ts";
export { openPolicy } from "./policy/policy.ts";
export { roles } from "./policy/roles.ts";
export type { Explanation, Question } from "./policy/types.ts";
export { discover } from "./sessions/discovery.ts";
export { throttleSettings } from "./throttle/settings.ts";
export { certificateEnd, tlsSettings } from "./transport.ts";
export type { Credential, Discrepancy, GatewayOptions } from "./types.ts";
