// Watching: journeys, their milestones and their service levels.

export { type ListedLetter, listDeadLetters } from "./dead-letters.ts";
export { type Flows, flowsOf } from "./flows.ts";
export {
  findJourneys,
  type Journey,
  type JourneySources,
  type JourneyState,
  type Milestone,
  readJourney,
  relatedJourneys,
} from "./journeys.ts";
export { type Measures, measuresOf } from "./measures.ts";
export {
  type CountedFilter,
  listAmong,
  listCounted,
  listMessages,
  type MessageFilter,
  type MessageHead,
  type MessageState,
  readMessageContent,
  readMessageHead,
} from "./messages.ts";
export { announceNode, type Dependency, type PlatformNode } from "./nodes.ts";
export { type Flow, type Operations, operationsOf, type Series, seriesOf } from "./operations.ts";
export { watchServiceLevels } from "./sla.ts";
