// Watching: journeys, their milestones and their service levels.

export { findJourneys, type Journey, type JourneyState, type Milestone } from "./journeys.ts";
export { watchServiceLevels } from "./sla.ts";
