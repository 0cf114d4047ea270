// Demographics: knows persons, and turns what is said of them into changes in the ERP.

export { type Unlinking, unlink } from "./links/unlink.ts";
export { mergeSaga } from "./merge.saga.ts";
export { type RecordedDecision, recordedDecisions } from "./recorded.ts";
export type { DemographicsOptions } from "./types.ts";
export { updateSaga } from "./update.saga.ts";
