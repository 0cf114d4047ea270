// What is told of an item: the leaf of each deed, and the message that says what was decided.

import type { Leaf, Outcome } from "#engine/audit";
import type { NewMessage } from "#engine/backbone";
import type { Choice } from "./history/store.ts";
import type { ItemRow } from "./store.ts";
import { type ItemSummary, WORK_DECIDED, type WorkDecided } from "./types.ts";

const PART = "work";
const CONTENT_TYPE = "application/vnd.lockgate.work-decided+json";

/** A leaf about `item`: which and what was done, never what it says or what anybody wrote about it. */
export function leafOf(
  item: Pick<ItemSummary, "id" | "queue" | "journeyId" | "digest">,
  name: `work.${string}`,
  at: Date,
  outcome: Outcome,
  more: Pick<Leaf, "actor" | "code" | "detail"> = {},
): Leaf {
  const { detail, ...rest } = more;
  return {
    at,
    part: PART,
    name,
    outcome,
    journeyId: item.journeyId,
    ...rest,
    // In the order of canonical JSON, where `detail` names nothing behind `digest`.
    detail: { ...detail, digest: item.digest, item: item.id, queue: item.queue },
  };
}

/** A comment as far as a leaf may know it. */
export const lengthOf = (comment: string | undefined): { commentLength?: number } =>
  comment === undefined ? {} : { commentLength: comment.length };

/** What any of those who chose refused, each once; undefined where nobody refused anything. */
function refusedOf(choices: readonly Choice[]): readonly string[] | undefined {
  const all = [...new Set(choices.flatMap(({ refused = [] }) => refused))].sort();
  return all.length > 0 ? all : undefined;
}

/** What `action` being decided by those who chose it comes to, for the asker. */
export const decidedOf = (item: ItemRow, action: string, choices: readonly Choice[]): WorkDecided => ({
  itemId: item.id,
  action,
  digest: item.digest,
  refused: refusedOf(choices),
  by: choices.map(({ name, roles, at }) => ({ name, roles, at: at.toISOString() })),
  comment: choices.findLast(({ comment }) => comment !== undefined)?.comment,
  context: item.replyContext,
});

/** Tells the asker what was decided. */
export function decidedMessage(item: ItemRow, decided: WorkDecided): NewMessage {
  return {
    topic: WORK_DECIDED,
    session: item.replySession,
    journeyId: item.journeyId,
    body: Buffer.from(JSON.stringify(decided)),
    contentType: CONTENT_TYPE,
    source: PART,
  };
}
