// SQL of possible duplicates: which pairs a steward is asked about, and what matching last looked at.

import { gathering } from "#engine/backbone";
import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { readTogether } from "#kernel/read-together";
import type { Vault } from "#kernel/vault";

/** Where the question about a pair stands. */
export type Suspicion = {
  readonly state: "asked" | "same" | "different" | "dropped";
  readonly instanceId: string;
};

export async function readSuspicion(
  db: Queryable,
  [one, other]: readonly [string, string],
): Promise<Suspicion | undefined> {
  const [row] = await db.query<Suspicion>({
    text: `select state, instance_id as "instanceId" from demographics.suspicion where one_id = $1 and other_id = $2`,
    values: [one, other],
  });
  return row;
}

/** A digest of what is known of somebody tells it to whoever guesses well, unless it is keyed. */
const keyed = (vault: Vault, digest: string): string => vault.seek(digest, "matched fields");

/** Takes the question about a pair for a saga. @throws PERSON_CHANGED when another asks it at this moment */
export async function claimSuspicion(
  tx: Tx,
  [one, other]: readonly [string, string],
  {
    instanceId,
    journeyId,
    digest,
  }: { readonly instanceId: string; readonly journeyId: string; readonly digest: string },
): Promise<void> {
  const rows = await tx.query({
    text: `insert into demographics.suspicion as s (one_id, other_id, instance_id, journey_id, digest) values ($1, $2, $3, $4, $5)
      on conflict (one_id, other_id) do update
        set state = 'asked', instance_id = $3, journey_id = $4, digest = $5, at = clock_timestamp()
        where s.state <> 'asked' or s.instance_id = $3
      returning one_id`,
    values: [one, other, instanceId, journeyId, keyed(tx.vault, digest)],
  });
  if (rows.length === 0) throw new LockgateError("PERSON_CHANGED");
}

/** Closes the question of a saga. */
export async function settleSuspicion(
  tx: Tx,
  instanceId: string,
  state: Exclude<Suspicion["state"], "asked">,
): Promise<void> {
  await tx.query({
    text: "update demographics.suspicion set state = $2 where instance_id = $1 and state = 'asked'",
    values: [instanceId, state],
  });
}

/** Whether this is what matching last looked at of a person. */
export async function isEvaluated(db: Queryable, personId: string, digest: string): Promise<boolean> {
  const last = (await evaluations(db, personId)).find((row) => row.personId === personId);
  return last?.digest === keyed(db.vault, digest);
}

const evaluations = readTogether((db, ids: readonly string[]) =>
  db.query<{ personId: string; digest: string }>({
    name: "demographics.evaluated",
    text: `select person_id as "personId", digest from demographics.evaluation where person_id = any($1::uuid[])`,
    values: [ids],
  }),
);

type Evaluated = { readonly personId: string; readonly digest: string };

/** Remembers what matching has looked at; of one person the last counts. */
export const evaluatedRow = gathering(async (tx: Tx, rows: readonly Evaluated[]) => {
  const last = [...new Map(rows.map((row) => [row.personId, row])).values()];
  await tx.query({
    name: "demographics.evaluate",
    text: `insert into demographics.evaluation (person_id, digest) select * from unnest($1::uuid[], $2::text[])
      on conflict (person_id) do update set digest = excluded.digest, at = clock_timestamp()`,
    values: [last.map(({ personId }) => personId), last.map(({ digest }) => keyed(tx.vault, digest))],
  });
});
