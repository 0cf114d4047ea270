// Dead letters as operators look for them: all there are, or those of one channel, each with the channel that its message came by.

import type { LetterPlace, Parked } from "#engine/backbone";
import type { Queryable } from "#kernel/db";
import { readDeadLetters } from "./store.ts";

/** A dead letter, and the channel that its message came by; undefined: by none. */
export type ListedLetter = Parked & { readonly channel: string | undefined };

/** At most `most` dead letters behind one of them, the newest first. */
export async function listDeadLetters(
  { db }: { readonly db: Queryable },
  asked: {
    readonly channel: string | undefined;
    readonly behind: LetterPlace | undefined;
    readonly most: number;
  },
): Promise<ListedLetter[]> {
  const rows = await readDeadLetters(db, asked);
  return rows.map((row) => ({ ...row, channel: row.channel ?? undefined }));
}
