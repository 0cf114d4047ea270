// SQL of proposals: values that wait for a person's decision, at most one set for each person.

import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { KnownFields } from "../person.ts";

/** A proposal as its saga keeps it. */
export type NewProposal = {
  readonly instanceId: string;
  readonly sagaKey: string;
  readonly personId: string;
  readonly journeyId: string;
  readonly fields: KnownFields;
};

/**
 * Makes or renews the proposal of a saga instance.
 * @throws PERSON_CHANGED when another statement made one for the person, or took this one over, meanwhile
 */
export async function keepProposal(tx: Tx, proposal: NewProposal): Promise<void> {
  const { instanceId, sagaKey, personId, journeyId, fields } = proposal;
  const kept = await tx.query({
    name: "demographics.propose",
    text: `with again as (update demographics.proposal set fields = $5, state = 'open', person_id = $3
        where instance_id = $1 and state in ('open', 'asked') returning instance_id),
      added as (insert into demographics.proposal (instance_id, saga_key, person_id, journey_id, fields)
        select $1::uuid, $2::text, $3::uuid, $4::uuid, $5::jsonb
        where not exists (select from demographics.proposal where instance_id = $1)
        on conflict do nothing returning instance_id)
      select instance_id from again union all select instance_id from added`,
    values: [instanceId, sagaKey, personId, journeyId, JSON.stringify(fields)],
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
    text: `update demographics.proposal set state = $3, fields = case when $3 = 'asked' then fields else '{}' end
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
    values: [instanceId, JSON.stringify(fields)],
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
