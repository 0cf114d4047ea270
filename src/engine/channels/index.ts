// Channels: sources take messages in durably, transformations are the site's code, destinations get them in order.

export { type Tried, tryMessage } from "./bench.ts";
export { type Environment, subscriptionsOf } from "./channel.ts";
export { type Channels, type ChannelsOptions, openChannels } from "./channels.ts";
export { type DryRunAsked, dryRun, recordDryRun } from "./dry-runs/dry-run.ts";
export { readDryRuns, type StoredDryRun } from "./dry-runs/store.ts";
export type * from "./dry-runs/types.ts";
export { receivedTopic } from "./intake.ts";
export { refuseUnsound, takeInMended } from "./mended.ts";
export { beginJourneys, journeyBegun, type NewRoot, readBegun } from "./roots.ts";
export {
  type ChannelState,
  type ChannelVersion,
  countReceived,
  findRoots,
  type JourneyRoot,
  keepVersion,
  leastIdSince,
  listReceived,
  readKeys,
  readReceived,
  readRoot,
  readRoots,
  readVersions,
} from "./store.ts";
export type * from "./types.ts";
