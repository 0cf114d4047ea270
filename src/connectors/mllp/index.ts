// The face of the MLLP wire.

export { mllpClient } from "./client.ts";
export { openMllpSender } from "./destination.ts";
export { type FrameReader, frame, frameReader } from "./framing.ts";
export { mllpServer } from "./server.ts";
export { mllpDestinationSettings, mllpSourceSettings } from "./settings.ts";
export { startMllpSource } from "./source.ts";
export type {
  MllpClient,
  MllpClientOptions,
  MllpPeer,
  MllpServer,
  MllpServerOptions,
  MllpWireEvent,
  TlsOptions,
} from "./types.ts";
