// Work items: what waits for a person, who may decide it, and what was decided.

export type {
  GroupCandidate,
  GroupDeed,
  GroupFilter,
  GroupItem,
  GroupStart,
  Groups,
  WorkGroup,
} from "./groups/types.ts";
export { mayDecide } from "./judge.ts";
export {
  type Action,
  type Criticality,
  type Decider,
  type Decision,
  type Item,
  type ItemSummary,
  type Joiner,
  type NewItem,
  type Seen,
  type WaitingCount,
  WORK_DECIDED,
  type Work,
  type WorkDecided,
  type WorkOptions,
} from "./types.ts";
export { openWork, type RunningWork } from "./work.ts";
