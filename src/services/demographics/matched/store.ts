// SQL of questions whose identifiers these are.

import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { readTogether } from "#kernel/read-together";
import { hiddenKey } from "../sealing.ts";

/** Whether another saga waits for a steward to say whose one of these identifiers is. */
export async function isAskedElsewhere(db: Queryable, keys: readonly string[], instanceId: string): Promise<boolean> {
  const asked = await everyQuestion(db, keys);
  return asked.some((one) => keys.includes(one.key) && one.instanceId !== instanceId);
}

const everyQuestion = readTogether(async ({ query, vault }, all: readonly (readonly string[])[]) => {
  const asked = new Map(all.flat().map((key) => [hiddenKey(vault, key), key]));
  const rows = await query<{ key: string; instanceId: string }>({
    name: "demographics.match-questions",
    text: `select key, instance_id as "instanceId" from demographics.match_question where key = any($1)`,
    values: [[...asked.keys()]],
  });
  return rows.map(({ key, instanceId }) => ({ key: asked.get(key)!, instanceId }));
});

/** @throws PERSON_CHANGED when somebody else asks about one of them */
export async function keepQuestion(tx: Tx, keys: readonly string[], instanceId: string): Promise<void> {
  const hidden = keys.map((key) => hiddenKey(tx.vault, key));
  void tx.query({
    name: "demographics.match-ask",
    text: `insert into demographics.match_question (key, instance_id) select unnest($1::text[]), $2 on conflict do nothing`,
    values: [hidden, instanceId],
  });
  const others = await tx.query({
    name: "demographics.match-asked",
    text: "select from demographics.match_question where key = any($1) and instance_id <> $2",
    values: [hidden, instanceId],
  });
  if (others.length > 0) throw new LockgateError("PERSON_CHANGED");
}

/** What a saga asked is settled, one way or the other. */
export const dropQuestion = (tx: Tx, instanceId: string): Promise<unknown> =>
  tx.query({
    name: "demographics.match-settled",
    text: "delete from demographics.match_question where instance_id = $1",
    values: [instanceId],
  });
