// How a message stands in the store: its partition, its attributes, and the envelope that a handler gets.

import { crc32 } from "node:zlib";
import type { Envelope, NewMessage } from "./types.ts";

/** Hash partitions of a topic: the grain of ordering and of leases. */
export const PARTITIONS = 16;

/** Where a message goes: by its session, or spread by its journey. */
export const partitionFor = (message: NewMessage): number => crc32(message.session ?? message.journeyId) % PARTITIONS;

type Attributes = {
  source: string;
  datacontenttype: string;
  causationid?: string;
  traceparent?: string;
  dedupid?: string;
  expirytime?: string;
};

export function attributesOf(message: NewMessage): string {
  const attributes: Attributes = { source: message.source, datacontenttype: message.contentType };
  if (message.causationId) attributes.causationid = message.causationId;
  if (message.traceparent) attributes.traceparent = message.traceparent;
  if (message.dedupId) attributes.dedupid = message.dedupId;
  if (message.expiresAt) attributes.expirytime = message.expiresAt.toISOString();
  return JSON.stringify(attributes);
}

/**
 * Bodies as one parameter, which the server cuts up again by offset (from 1) and size: an array of bytea would go as text,
 * at twice the size.
 */
export function packed(bodies: readonly Uint8Array[]): { bytes: Uint8Array; offsets: number[]; sizes: number[] } {
  let offset = 1;
  const offsets = bodies.map((body) => {
    const from = offset;
    offset += body.byteLength;
    return from;
  });
  const bytes = bodies.length === 1 ? bodies[0]! : Buffer.concat(bodies);
  return { bytes, offsets, sizes: bodies.map((body) => body.byteLength) };
}

/** A row of the log or of the parked table. */
export type MessageRow = {
  position: number;
  partition: number;
  session: string | null;
  journey_id: string;
  at: Date;
  attributes: Attributes;
  body: Buffer | null;
};

export function envelopeOf(topic: string, row: MessageRow, body: Buffer): Envelope {
  const { attributes } = row;
  return {
    position: row.position,
    topic,
    session: row.session ?? undefined,
    journeyId: row.journey_id,
    at: row.at,
    contentType: attributes.datacontenttype,
    source: attributes.source,
    causationId: attributes.causationid,
    traceparent: attributes.traceparent,
    expiresAt: attributes.expirytime ? new Date(attributes.expirytime) : undefined,
    body,
  };
}
