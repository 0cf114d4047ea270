// Dead letters with the channels that their messages came by, and of one channel alone.

import type { Backbone, Parked } from "#engine/backbone";
import { readChannelsOf } from "#engine/channels";
import type { Db } from "#kernel/db";

/** A dead letter, and the channel that its message came by. */
export type ListedLetter = Parked & { readonly channel: string | undefined };

const LOOKED_AT_ONCE = 200;
const MOST_LOOKED_AT = 2_000;

/** At most `most` dead letters behind one of them, the newest first; of one channel, among two thousand at most. */
export async function listDeadLetters(
  { backbone, db }: { readonly backbone: Pick<Backbone, "parked">; readonly db: Db },
  asked: {
    readonly channel: string | undefined;
    readonly behind: Pick<Parked, "position" | "subscription"> | undefined;
    readonly most: number;
  },
): Promise<ListedLetter[]> {
  const { channel, most } = asked;
  const found: ListedLetter[] = [];
  let { behind } = asked;
  for (let looked = 0; looked < MOST_LOOKED_AT && found.length < most; looked += LOOKED_AT_ONCE) {
    const atOnce = channel === undefined ? most : LOOKED_AT_ONCE;
    const letters = await backbone.parked({ state: "dead", behind, most: atOnce });
    const channels = await readChannelsOf(
      db,
      letters.map(({ journeyId }) => journeyId),
    );
    const listed = letters.map((letter) => ({ ...letter, channel: channels.get(letter.journeyId) }));
    found.push(...listed.filter((one) => channel === undefined || one.channel === channel));
    behind = letters.at(-1);
    if (letters.length < atOnce) break;
  }
  return found.slice(0, most);
}
