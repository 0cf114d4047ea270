// Pages of a list: a page begins behind the last entry of the one before, so that nothing is left out or told twice when the list
// grows meanwhile.

import { createHash } from "node:crypto";
import { z } from "zod";
import { LockgateError } from "#kernel/errors";

/** One page. `next` is absent where nothing comes after. */
export type Page<Entry> = { readonly entries: readonly Entry[]; readonly next?: string };

/** The shape of a place in a list: what orders it, down to what is unique. Ids, instants and ranks, never a value of a person. */
type Place<Shape extends z.ZodType> = z.output<Shape>;

/**
 * Reads a page of at most `limit` entries behind `cursor`. A cursor names its list and a digest of what was asked for, and
 * gives no right: what one may see is decided anew for each page.
 * @throws REQUEST_INVALID for a cursor of another list, of another question, or that is none
 */
export async function pageOf<Entry, Shape extends z.ZodType>({
  list,
  shape,
  asked,
  limit,
  cursor,
  read,
  placeOf,
}: {
  readonly list: string;
  readonly shape: Shape;
  /** What else was asked for, without the limit. */
  readonly asked: unknown;
  readonly limit: number;
  readonly cursor: string | undefined;
  /** Entries behind a place, at most so many. */
  readonly read: (behind: Place<Shape> | undefined, most: number) => Promise<readonly Entry[]>;
  readonly placeOf: (entry: Entry) => z.input<Shape>;
}): Promise<Page<Entry>> {
  const question = createHash("sha256")
    .update(JSON.stringify([list, asked]))
    .digest("base64url")
    .slice(0, 12);
  const behind = cursor === undefined ? undefined : placeIn(cursor, question, shape);
  const found = await read(behind, limit + 1);
  if (found.length <= limit) return { entries: found };
  const entries = found.slice(0, limit);
  const text = JSON.stringify([question, placeOf(entries.at(-1)!)]);
  return { entries, next: Buffer.from(text).toString("base64url") };
}

function placeIn<Shape extends z.ZodType>(cursor: string, question: string, shape: Shape): Place<Shape> {
  const wrong = () => new LockgateError("REQUEST_INVALID", { at: "cursor" });
  try {
    const parsed = z
      .tuple([z.literal(question), shape])
      .safeParse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    if (parsed.success) return parsed.data[1] as Place<Shape>;
  } catch {
    throw wrong(); // no JSON
  }
  throw wrong();
}
