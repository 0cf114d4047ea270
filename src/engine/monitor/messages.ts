// Messages as operators look for them: what channels took in, how each stands, and its bytes while they are kept.

import { journeyLeaves, type StoredLeaf, searchLeaves, strandLeaves } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import { type JourneyRoot, leastIdSince, listReceived, readRoot, readRoots, receivedTopic } from "#engine/channels";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { isComplete } from "./journeys.ts";
import { type Counted, readCounted } from "./store.ts";

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

/** The messages behind a number that was counted between two instants. */
export type CountedFilter = {
  /**
   * What was counted: messages that were written, those refused or stopped and still dead, those that took longer than agreed,
   * and of those that something was to come of all, or those that needed neither a person nor a second attempt, or did.
   */
  readonly by: Counted | "late";
  readonly since: Date;
  readonly until?: Date | undefined;
  readonly channel?: string | undefined;
  /** Of what was written: that which took so long, in milliseconds, `below` not among it. */
  readonly tookMs?: { readonly least: number; readonly below: number } | undefined;
  readonly before?: string | undefined;
  readonly most: number;
};

/** As many as at most are told late in one hour. */
const MOST_LATE = 500;

/** The messages that a number counts, newest first. */
export async function listCounted(
  sources: Pick<MessageSources, "db">,
  { by, since, until, channel, before, most, tookMs }: CountedFilter,
): Promise<{ readonly messages: readonly MessageHead[]; readonly next?: string }> {
  const { db } = sources;
  if (by === "late") {
    const { leaves } = await searchLeaves(db, { name: "sla.breached", since, until, most: MOST_LATE });
    const late = leaves.flatMap(({ journeyId, part }) =>
      journeyId !== undefined && (channel === undefined || part === channel) ? [journeyId] : [],
    );
    return listAmong(sources, late, { before, most });
  }
  const { least = 0, below = Number.POSITIVE_INFINITY } = tookMs ?? {};
  const found = await readCounted(db, by, {
    since,
    from: leastIdSince(since),
    until,
    channel,
    before,
    most,
    tookMs: [least, below],
  });
  return headsOf(
    sources,
    found.map(({ id }) => id),
    most,
  );
}

/** Those of the messages that began these journeys, newest first. */
export function listAmong(
  sources: Pick<MessageSources, "db">,
  journeyIds: readonly string[],
  { before, most }: { readonly before: string | undefined; readonly most: number },
): Promise<{ readonly messages: readonly MessageHead[]; readonly next?: string }> {
  const behind = [...new Set(journeyIds)].filter((id) => before === undefined || id < before);
  return headsOf(sources, behind.sort().reverse().slice(0, most), most);
}

async function headsOf({ db }: Pick<MessageSources, "db">, ids: readonly string[], most: number) {
  const [roots, leaves] = await Promise.all([readRoots(db, ids), strandLeaves(db, ids)]);
  const messages = roots.map((root) => headOf(root, leaves.get(root.journeyId) ?? []));
  const last = ids.at(-1);
  return ids.length === most && last !== undefined ? { messages, next: last } : { messages };
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
