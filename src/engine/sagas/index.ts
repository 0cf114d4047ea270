// Sagas: long-running processes as code, each step recorded, each transition one commit.

export { defineSaga, type SagaBuilder } from "./define.ts";
export { diagramOf } from "./diagram.ts";
export { aboutDeadLetter } from "./failures.ts";
export type { SagasOptions } from "./platform.ts";
export { type History, historyOf, replay } from "./replay.ts";
export { openSagas, type Recorded, type Sagas } from "./sagas.ts";
export { withdrawnMessage } from "./transition.ts";
export {
  type AnyContext,
  type Asked,
  END,
  type Ended,
  type EventOf,
  type Instance,
  type InstanceWithJournal,
  type SagaDefinition,
  type SagaOptions,
  type StepContext,
  type StepEnd,
} from "./types.ts";
