// Face of the NAV / Business Central double: a stand-in ERP server for tests and demonstrations.

export type { Fault, FaultInput, FaultKind } from "./faults.ts";
export type { LedgerEntry } from "./ledger.ts";
export { companies } from "./seed.ts";
export { type NavDouble, type NavDoubleOptions, startNavDouble } from "./server.ts";
export { type Credentials, demoCredentials, type SwitchesInput } from "./settings.ts";
