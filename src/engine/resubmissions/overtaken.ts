// Proposals that were overtaken: whoever settled the letter otherwise has answered them, so they are taken back and their items closed.
//
// A letter is settled by people, by sagas and by jobs of any node, none of which knows of proposals. So nobody is told: whoever looks
// finds it by the letter itself, which never becomes again what it was.

import { append } from "#engine/audit";
import type { Backbone, LetterPlace } from "#engine/backbone";
import type { Work } from "#engine/work";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import * as store from "./store.ts";

/** The part of the platform that leaves are of. */
export const PART = "resubmission";

const placeOf = ({ subscription, position }: LetterPlace): string => `${subscription} ${position}`;

/** Takes back what was overtaken. @returns how many */
export async function withdrawOvertaken(options: {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly work: Work;
  readonly clock: Clock;
}): Promise<number> {
  const { db, backbone } = options;
  const pending = await store.readPending(db);
  if (pending.length === 0) return 0;
  const standings = new Map((await backbone.standings(pending)).map((standing) => [placeOf(standing), standing]));
  let withdrawn = 0;
  for (const proposal of pending) {
    const standing = standings.get(placeOf(proposal));
    if (standing?.state === "dead" && standing.version === proposal.letter) continue;
    const isGivenUp = standing?.state === "dismissing" || standing?.state === "dismissed";
    const isMended = isGivenUp && (await store.readLinks(db, proposal.journeyId)).as !== undefined;
    if (await withdraw(options, proposal, isMended ? "mended" : isGivenUp ? "dismissed" : "replayed")) withdrawn += 1;
  }
  return withdrawn;
}

/** The item first, as whoever decides on it does: of two who come at one moment, one finds it closed. */
const withdraw = (
  { db, work, clock }: Parameters<typeof withdrawOvertaken>[0],
  { id, itemId, journeyId, digest }: store.ProposalRow,
  reason: string,
): Promise<boolean> =>
  db.transaction(async (tx) => {
    if (!(await work.withdraw(tx, itemId, reason))) return false;
    const at = new Date(clock.now());
    void store.endProposal(tx, id, { state: "withdrawn", at });
    const leaf = { at, part: PART, name: "resubmission.withdrawn", outcome: "withdrawn" } as const;
    await append(tx, [{ ...leaf, journeyId, detail: { resubmission: id, digest, reason } }]);
    return true;
  });
