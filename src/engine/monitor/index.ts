// Watching: journeys, their milestones and their service levels.

export { type Flows, flowsOf } from "./flows.ts";
export {
  findJourneys,
  type Journey,
  type JourneySources,
  type JourneyState,
  type Milestone,
  readJourney,
} from "./journeys.ts";
export {
  listMessages,
  type MessageFilter,
  type MessageHead,
  type MessageState,
  readMessageContent,
  readMessageHead,
} from "./messages.ts";
export { watchServiceLevels } from "./sla.ts";
