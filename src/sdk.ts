// Everything an integration may import, as `#lockgate`: define channels, name wires and topics, read and map messages.

import type { ChannelDefinition, Destination, Format, Source } from "#engine/channels";
import { type Message, parse } from "#formats/hl7v2";

export {
  businessKeysOf,
  orderKeysOf,
  orderSessionOf,
  personFromAdt,
  requisitionFromOms,
  sessionOf,
} from "#canonical/maps";
export type { PersonMerge, PersonUpdate, RequisitionLine } from "#canonical/model";
export { dateInLondon, refuses } from "#canonical/rules";
export type { ChannelDefinition, Outgoing, TransformContext } from "#engine/channels";
export { type Message, write } from "#formats/hl7v2";
export { LockgateError } from "#kernel/errors";

/** What a site tells its channels. */
export type Site = {
  readonly environment: "live" | "test";
  /** A port of this installation: `offset` above its port base. */
  port(offset: number): number;
};

/** A channel as a file exports it: made for the site that it is deployed at. */
export type ChannelFile = (site: Site) => ChannelDefinition;

/**
 * Defines a channel for messages of one format; a file `<name>.channel.ts` exports it as its default.
 * The types of message and output run from the format through `transform` to `route`.
 */
export function defineChannel<Content, Output, Name extends string>(
  format: Format<Content>,
  make: (site: Site) => Omit<ChannelDefinition<Content, Output, Name>, "format">,
): ChannelFile {
  return (site) => ({ ...make(site), format }) as unknown as ChannelDefinition;
}

/** HL7 v2 in its ER7 encoding. */
export const hl7v2: Format<Message> = { contentType: "x-application/hl7-v2+er7", parse };

/** A canonical value as the body of a topic's message. */
export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const JSON_TYPE = "application/json";

/** Listens for HL7 v2 over MLLP. Settings: docs/configuration.md, `mllp`. */
export const mllp = (settings: {
  readonly port: number;
  readonly processingId: "P" | "T" | "D";
  readonly [setting: string]: unknown;
}): Source => ({
  connector: "mllp",
  settings,
});

/** Sends HL7 v2 over MLLP. */
export const mllpTo = (settings: {
  readonly host: string;
  readonly port: number;
  readonly [setting: string]: unknown;
}): Destination => ({
  kind: "wire",
  connector: "mllp",
  settings,
});

/** A topic of the backbone. */
export const topic = (name: string): Destination => ({ kind: "topic", topic: name });
