// Resubmissions: a dead letter's message as somebody mended it, taken in once somebody else has agreed.

export { openResubmissions, type ResubmissionsOptions } from "./resubmissions.ts";
export { type JourneyLinks, readLinks } from "./store.ts";
export type * from "./types.ts";
