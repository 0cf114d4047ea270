// SQL of proposals: values that wait for a person's decision, at most one set for each person.

import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { KnownFields } from "../person.ts";
import { sealProposed } from "../sealing.ts";

/** A proposal as its saga keeps it. */
export type NewProposal = {
  readonly instanceId: string;
  readonly sagaKey: string;
  readonly personId: string;
  readonly journeyId: string;
  readonly fields: KnownFields;
};

/**
 * Makes or renews the proposal of a saga instance. `standing` is where it was read to stand; without it, it was read to be
 * closed or not there: one that was closed is opened again, as where its write was refused.
 * @throws PERSON_CHANGED when it stands elsewhere by now, or another statement made one for the person meanwhile
 */
export async function keepProposal(tx: Tx, proposal: NewProposal, standing?: "open" | "asked"): Promise<void> {
  const { instanceId, sagaKey, personId, journeyId, fields } = proposal;
  const kept = await tx.query({
    name: "demographics.propose",
    text: `with again as (update demographics.proposal set fields = $5, state = 'open', person_id = $3
        where instance_id = $1 and case when state in ('open', 'asked') then state else 'closed' end = $6
        returning instance_id),
      added as (insert into demographics.proposal (instance_id, saga_key, person_id, journey_id, fields)
        select $1::uuid, $2::text, $3::uuid, $4::uuid, $5::bytea
        where not exists (select from demographics.proposal where instance_id = $1)
        on conflict do nothing returning instance_id)
      select instance_id from again union all select instance_id from added`,
    values: [
      instanceId,
      sagaKey,
      personId,
      journeyId,
      sealProposed(tx.vault, instanceId, fields),
      standing ?? "closed",
    ],
  });
  if (kept.length === 0) throw new LockgateError("PERSON_CHANGED");
}

/**
 * Moves a proposal from where it was read to stand.
 * @throws PERSON_CHANGED when it stands elsewhere by now
 */
export async function moveProposal(
  tx: Tx,
  instanceId: string,
  from: "open" | "asked",
  to: "asked" | "settled" | "superseded" | "refused" | "expired",
): Promise<void> {
  const rows = await tx.query({
    name: "demographics.proposal-moved",
    text: `update demographics.proposal set state = $3, fields = case when $3 = 'asked' then fields end
      where instance_id = $1 and state = $2 returning instance_id`,
    values: [instanceId, from, to],
  });
  if (rows.length === 0) throw new LockgateError("PERSON_CHANGED");
}

/** Notes that the proposed values were said again. @throws PERSON_CHANGED when it was closed meanwhile */
export async function renewProposal(tx: Tx, instanceId: string, fields: KnownFields): Promise<void> {
  const rows = await tx.query({
    name: "demographics.proposal-renewed",
    text: `update demographics.proposal set fields = $2 where instance_id = $1 and state in ('open', 'asked') returning instance_id`,
    values: [instanceId, sealProposed(tx.vault, instanceId, fields)],
  });
  if (rows.length === 0) throw new LockgateError("PERSON_CHANGED");
}

/** What waited about a person who was merged waits about the survivor. @throws PERSON_CHANGED when it was closed meanwhile */
export async function moveToSurvivor(tx: Tx, instanceId: string, survivor: string): Promise<void> {
  const rows = await tx.query({
    text: `update demographics.proposal set person_id = $2 where instance_id = $1 and state in ('open', 'asked') returning instance_id`,
    values: [instanceId, survivor],
  });
  if (rows.length === 0) throw new LockgateError("PERSON_CHANGED");
}

/** Closes what a saga instance that was stopped still proposes: nobody is left to hear the answer. */
export async function dropProposal(tx: Tx, instanceId: string): Promise<void> {
  await tx.query({
    text: `update demographics.proposal set state = 'expired', fields = null where instance_id = $1 and state in ('open', 'asked')`,
    values: [instanceId],
  });
}
