// Demographics: knows persons, and turns what is said of them into changes in the ERP.

export { type Changes, openChanges, type Proposer } from "./changes/changes.ts";
export type { Change, ChangeFault, Proposed, ProposedChange } from "./changes/types.ts";
export { duplicateSaga } from "./duplicate.saga.ts";
export { reevaluation } from "./duplicates/reevaluate.ts";
export { makeFindable } from "./findable.ts";
export type { LinkTold } from "./links/told.ts";
export { readUnlinking, readUnmerging, type Unlinking, unlink } from "./links/unlink.ts";
export { mergeSaga } from "./merge.saga.ts";
export { openPersons, type PersonHistory, type Persons, type PersonsOptions } from "./persons.ts";
export type { PersonKeys, PersonRecord } from "./record.ts";
export { type RecordedDecision, recordedDecisions } from "./recorded.ts";
export { WRITE_SETTLED } from "./settled.ts";
export { openTrials, type Trial, type Trials } from "./trial.ts";
export type { DemographicsOptions } from "./types.ts";
export { unmergeSaga } from "./unmerge.saga.ts";
export { updateSaga } from "./update.saga.ts";
