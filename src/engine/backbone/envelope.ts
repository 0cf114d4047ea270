// How a message stands in the store: its partition, its attributes, and the envelope that a handler gets.

import { crc32 } from "node:zlib";
import { isId } from "#kernel/ids";
import type { Vault } from "#kernel/vault";
import type { Envelope, NewMessage } from "./types.ts";

/** Hash partitions of a topic: the grain of ordering and of leases. */
export const PARTITIONS = 16;

const HIDDEN = /^#[\w-]{22}$/;

/**
 * A session as it is stored: it may be a patient's number, so all but ids of ours go by their keyed hash. A hash stays as it
 * is, for what comes of a message is published in the session that it was read with.
 */
export const hiddenSession = (vault: Vault, session: string | undefined): string | null =>
  session === undefined ? null : isId(session) || HIDDEN.test(session) ? session : `#${vault.seek(session, "session")}`;

/** Where a message goes: by its session as it is stored, or spread by its journey. */
export const partitionFor = (session: string | null, journeyId: string): number =>
  crc32(session ?? journeyId) % PARTITIONS;

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

const BODY = "backbone.message.body";
/** A message's place is told before it has a position, and stays the same when it is scheduled or parked. */
const rowOf = (journeyId: string, topic: number): string => `${journeyId} ${topic}`;

/** A body as it is stored: bound to its journey and its topic. */
export const sealBody = (vault: Vault, { journeyId, body }: NewMessage, topic: number): Buffer =>
  vault.seal(body, BODY, rowOf(journeyId, topic));

/** @throws VAULT_BROKEN, VAULT_KEY_UNKNOWN */
export const openBody = (vault: Vault, sealed: Buffer, journeyId: string, topic: number): Buffer =>
  vault.open(sealed, BODY, rowOf(journeyId, topic));

/** A row of the log or of the parked table; its body is sealed. */
export type MessageRow = {
  position: number;
  partition: number;
  session: string | null;
  journey_id: string;
  at: Date;
  attributes: Attributes;
  body: Buffer | null;
};

/** The body is opened by whoever handles the message: one that does not open stops that message and no other. */
export function envelopeOf(
  vault: Vault,
  topic: { readonly name: string; readonly number: number },
  row: MessageRow & { body: Buffer },
): Envelope {
  const { attributes } = row;
  let opened: Buffer | undefined;
  return {
    position: row.position,
    topic: topic.name,
    session: row.session ?? undefined,
    journeyId: row.journey_id,
    at: row.at,
    contentType: attributes.datacontenttype,
    source: attributes.source,
    causationId: attributes.causationid,
    traceparent: attributes.traceparent,
    expiresAt: attributes.expirytime ? new Date(attributes.expirytime) : undefined,
    get body() {
      opened ??= openBody(vault, row.body, row.journey_id, topic.number);
      return opened;
    },
  };
}
