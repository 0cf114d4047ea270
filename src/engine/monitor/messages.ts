// Messages as operators look for them: what channels took in, how each stands, and its bytes while they are kept.

import { journeyLeaves, type StoredLeaf, strandLeaves } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import { type JourneyRoot, listReceived, readRoot, receivedTopic } from "#engine/channels";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { isComplete } from "./journeys.ts";

/**
 * - `refused`: answered with an error, and kept for repair. `filtered`: taken in, and it goes nowhere.
 * - `open`: something is still to come. `complete`: every strand has come to its end.
 */
export const messageStates = ["refused", "filtered", "open", "complete"] as const;
export type MessageState = (typeof messageStates)[number];

/** A message as a list has it: nothing of what it says. */
export type MessageHead = {
  /** The journey that it began. */
  readonly id: string;
  readonly journeyId: string;
  readonly channel: string;
  readonly controlId: string;
  readonly receivedAt: Date;
  readonly state: MessageState;
  /** What it was refused with. */
  readonly code?: string;
};

export type MessageFilter = {
  readonly channel?: string | undefined;
  readonly state?: MessageState | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Only what came before this one. */
  readonly before?: string | undefined;
  readonly most: number;
};

/** Where messages are read from. */
export type MessageSources = { readonly db: Db; readonly backbone: Backbone };

const SCANNED_AT_ONCE = 200;
/** A search that finds little looks at no more than so many, and says where it stopped. */
const MOST_SCANNED = 2_000;

/** Messages, newest first. `next`: look on before this one; absent: that was all. */
export async function listMessages(
  { db }: Pick<MessageSources, "db">,
  { state, most, before: from, ...filter }: MessageFilter,
): Promise<{ readonly messages: readonly MessageHead[]; readonly next?: string }> {
  const messages: MessageHead[] = [];
  let before = from;
  for (let scanned = 0; scanned < MOST_SCANNED; scanned += SCANNED_AT_ONCE) {
    const roots = await listReceived(db, { ...filter, before, most: SCANNED_AT_ONCE });
    const leaves = await strandLeaves(
      db,
      roots.map(({ journeyId }) => journeyId),
    );
    for (const root of roots) {
      const head = headOf(root, leaves.get(root.journeyId) ?? []);
      before = head.id;
      if (state !== undefined && head.state !== state) continue;
      messages.push(head);
      if (messages.length === most) return { messages, next: before };
    }
    if (roots.length < SCANNED_AT_ONCE) return { messages };
  }
  return before === undefined ? { messages } : { messages, next: before };
}

/** @throws MESSAGE_UNKNOWN */
export async function readMessageHead({ db }: Pick<MessageSources, "db">, id: string): Promise<MessageHead> {
  const root = await readRoot(db, id);
  if (!root) throw new LockgateError("MESSAGE_UNKNOWN", { at: id });
  return headOf(root, await journeyLeaves(db, id));
}

/** The bytes as they came. @throws MESSAGE_UNKNOWN, MESSAGE_GONE when they are kept no longer, or came by no channel */
export async function readMessageContent(
  { db, backbone }: MessageSources,
  id: string,
): Promise<{ readonly body: Buffer; readonly contentType: string }> {
  const { channel } = await readMessageHead({ db }, id);
  const [first] = await journeyLeaves(db, id);
  const message = first && (await backbone.messageNear(receivedTopic(channel), id, first.position));
  if (!message) throw new LockgateError("MESSAGE_GONE", { at: id });
  return { body: message.body, contentType: message.contentType };
}

function headOf(root: JourneyRoot, leaves: readonly StoredLeaf[]): MessageHead {
  const { journeyId, channel, controlId, receivedAt, deliveries, faults } = root;
  const [fault] = faults ?? [];
  return {
    id: journeyId,
    journeyId,
    channel,
    controlId,
    receivedAt,
    state: fault ? "refused" : deliveries === 0 ? "filtered" : isComplete(deliveries, leaves) ? "complete" : "open",
    ...(fault ? { code: fault.reason ?? fault.code } : {}),
  };
}
