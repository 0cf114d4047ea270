// Channels: sources take messages in durably, transformations are the site's code, destinations get them in order.

export { type Channels, type ChannelsOptions, openChannels } from "./channels.ts";
export { receivedTopic } from "./intake.ts";
export { beginJourneys, journeyBegun, type NewRoot, readBegun } from "./roots.ts";
export {
  type ChannelState,
  countReceived,
  findRoots,
  type JourneyRoot,
  listReceived,
  readKeys,
  readReceived,
  readRoot,
} from "./store.ts";
export type {
  Arrival,
  BusinessKey,
  ChannelDefinition,
  Destination,
  Fault,
  Format,
  Inlet,
  OpenSender,
  Outgoing,
  Receipt,
  Source,
  StartSource,
  TransformContext,
} from "./types.ts";
