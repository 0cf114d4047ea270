// Reads a topic back from its newest message, page by page, as far as it is kept.

import type { Queryable } from "#kernel/db";
import { envelopeOf } from "./envelope.ts";
import { readBefore } from "./store.ts";
import type { Envelope } from "./types.ts";

/** From an instant on, up to another. */
export type Stretch = { readonly since: Date; readonly until: Date };

/** Of large messages, so many are still held with ease. */
const AT_ONCE = 50;

/**
 * The messages of a stretch of time, the newest first. A message's body is opened when it is asked for.
 * Messages lie in the order of their positions, times of commits beside each other in about that order: reading ends with
 * the first page that is older as a whole.
 */
export async function* messagesBack(db: Queryable, topic: string, { since, until }: Stretch): AsyncGenerator<Envelope> {
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const rows = await readBefore(db, topic, before, AT_ONCE);
    for (const row of rows)
      if (row.at >= since && row.at < until) yield envelopeOf(db.vault, { name: topic, number: row.topic }, row);
    const last = rows.at(-1);
    if (!last || rows.length < AT_ONCE || rows.every(({ at }) => at < since)) return;
    before = last.position;
  }
}
