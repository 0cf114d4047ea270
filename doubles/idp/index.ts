// Face of the identity provider's double: signs the demo's people in, for tests and demonstrations.

export type { FaultInput } from "./faults.ts";
export { type IdpDouble, type IdpDoubleOptions, startIdpDouble } from "./server.ts";
export { audience, browserClient, commandClient } from "./settings.ts";
export type { UserInput } from "./users.ts";
