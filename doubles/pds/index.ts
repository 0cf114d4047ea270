// Face of the PDS double: a stand-in for the national demographics service, for tests and demonstrations.

export type { Fault, FaultInput, FaultKind } from "./faults.ts";
export type { LedgerEntry } from "./ledger.ts";
export { seedNumbers } from "./seed.ts";
export { type PdsDouble, type PdsDoubleOptions, startPdsDouble } from "./server.ts";
export { demoClient, demoUser, type SettingsInput } from "./settings.ts";
export type { PersonInput } from "./short-form.ts";
