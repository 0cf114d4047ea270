// Two persons who are never the same: remembered for ever, here and by matching.

import type { PersonMatching } from "#canonical/contracts";
import type { Tx } from "#kernel/db";
import { newId } from "#kernel/ids";
import { insertApart, type NewApart } from "./store.ts";

/** Remembers it in the transaction of whatever says so; said again it changes nothing. */
export async function keepApart(tx: Tx, matching: PersonMatching, apart: Omit<NewApart, "id">): Promise<void> {
  await insertApart(tx, { ...apart, id: newId() });
  const { oneId, otherId, by, journeyId } = apart;
  await matching.keepApart(tx, { oneId, otherId, by, journeyId });
}
