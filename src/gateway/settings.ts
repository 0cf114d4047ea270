// What may be set of the gateway, apart from what is set by it: whoever reads settings need not load a server.

export { transformationSettings } from "./contracts/transformations.ts";
export { type IdentitySettings, identitySettings } from "./identity/settings.ts";
export { throttleSettings } from "./throttle/settings.ts";
export { tlsSettings } from "./transport.ts";
