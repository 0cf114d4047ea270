// Dead letters as operators look for them: all there are, or those of a channel, a queue or a cause, each with the channel that its message came by.

import type { Parked } from "#engine/backbone";
import type { Queryable } from "#kernel/db";
import { type LetterQuery, readDeadLetters } from "./store.ts";

/** A dead letter, and the channel that its message came by; undefined: by none. */
export type ListedLetter = Parked & { readonly channel: string | undefined };

/** At most `most` dead letters behind one of them, the newest first. */
export async function listDeadLetters({ db }: { readonly db: Queryable }, asked: LetterQuery): Promise<ListedLetter[]> {
  const rows = await readDeadLetters(db, asked);
  return rows.map((row) => ({ ...row, channel: row.channel ?? undefined }));
}
