// Taking a proposal over: the saga that asked is told that its question is no longer its own.

import type { Effects } from "#engine/backbone";
import { withdrawnMessage } from "#engine/sagas";
import type { Work } from "#engine/work";
import type { Proposal } from "../person.ts";
import { moveProposal } from "./store.ts";

/** How the items that ask about a proposal are called in lists. */
export const APPROVAL_TITLE = "Change of a person's demographics";

/** Effects that close a proposal in another's name; `PERSON_CHANGED` when it stands elsewhere by then. */
export async function takenOver(
  work: Work,
  saga: string,
  { instanceId, journeyId, state }: Pick<Proposal, "instanceId" | "journeyId" | "state">,
): Promise<Effects> {
  const waiting = state === "asked" ? await work.list({ journeyId, state: "waiting", most: 50 }) : [];
  const open = waiting.filter(({ title }) => title === APPROVAL_TITLE);
  return {
    publish: open.map(({ id: itemId }) => withdrawnMessage({ saga, instanceId, itemId, journeyId })),
    apply: async (tx) => {
      await moveProposal(tx, instanceId, state, "superseded");
      for (const { id } of open) await work.withdraw(tx, id, "a later statement took the values over");
    },
  };
}
