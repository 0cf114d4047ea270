// Channels: sources take messages in durably, transformations are the site's code, destinations get them in order.

export { type Channels, type ChannelsOptions, openChannels } from "./channels.ts";
export { type ChannelState, findRoots, type JourneyRoot, readKeys, readReceived, readRoot } from "./store.ts";
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
  RunningSource,
  Sender,
  Source,
  StartSource,
  TransformContext,
} from "./types.ts";
