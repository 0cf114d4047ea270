// All SQL of resubmissions.

import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Resubmission } from "./types.ts";

const BODY = "resubmission.proposal.body";

/** A proposal as its row has it. `letter`: the dead letter as it stood. */
export type ProposalRow = Resubmission & { readonly letter: string };

const ROW = `id, state, channel, subscription, position, letter, journey_id as "journeyId", digest, fields, proposed_by as "proposedBy",
  proposed_at as "proposedAt", item_id as "itemId", new_journey_id as "newJourneyId", decided_by as "decidedBy", decided_at as "decidedAt"`;

/** @throws RESUBMISSION_PENDING where the letter has a proposal that nobody has decided on */
export async function insertProposal(
  tx: Tx,
  row: Omit<ProposalRow, "state" | "newJourneyId" | "decidedBy" | "decidedAt">,
  body: Buffer,
): Promise<void> {
  const inserted = await tx.query({
    name: "resubmission.insert",
    text: `insert into resubmission.proposal
        (id, channel, subscription, position, letter, journey_id, body, digest, fields, proposed_by, proposed_at, item_id)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
      on conflict (subscription, position) where state = 'proposed' do nothing returning id`,
    values: [
      row.id,
      row.channel,
      row.subscription,
      row.position,
      row.letter,
      row.journeyId,
      tx.vault.seal(body, BODY, row.id),
      row.digest,
      row.fields,
      row.proposedBy,
      row.proposedAt,
      row.itemId,
    ],
  });
  if (inserted.length === 0)
    throw new LockgateError("RESUBMISSION_PENDING", { at: `${row.subscription} ${row.position}` });
}

export async function readProposal(db: Queryable, id: string): Promise<ProposalRow | undefined> {
  const [row] = await db.query<ProposalRow>({
    name: "resubmission.read",
    text: `select ${ROW} from resubmission.proposal where id = $1`,
    values: [id],
  });
  return row;
}

/** Those that nobody has decided on. */
export const readPending = (db: Queryable): Promise<ProposalRow[]> =>
  db.query<ProposalRow>({
    name: "resubmission.pending",
    text: `select ${ROW} from resubmission.proposal where state = 'proposed'`,
  });

/** Newest first: their ids are UUIDv7 and sort by time. */
export const listProposals = (
  db: Queryable,
  {
    state,
    behind,
    most,
  }: {
    readonly state?: Resubmission["state"] | undefined;
    readonly behind?: string | undefined;
    readonly most: number;
  },
): Promise<ProposalRow[]> =>
  db.query<ProposalRow>({
    text: `select ${ROW} from resubmission.proposal
      where ($1::text is null or state = $1) and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [state ?? null, behind ?? null, most],
  });

/** A proposal with its message, locked until the transaction ends. */
export async function lockProposal(tx: Tx, id: string): Promise<(ProposalRow & { body: Buffer }) | undefined> {
  const [row] = await tx.query<ProposalRow & { body: Buffer }>({
    name: "resubmission.lock",
    text: `select ${ROW}, body from resubmission.proposal where id = $1 for update`,
    values: [id],
  });
  return row && { ...row, body: tx.vault.open(row.body, BODY, id) };
}

export async function readBody(db: Queryable, id: string): Promise<Buffer | undefined> {
  const [row] = await db.query<{ body: Buffer }>({
    name: "resubmission.body",
    text: "select body from resubmission.proposal where id = $1",
    values: [id],
  });
  return row && db.vault.open(row.body, BODY, id);
}

/** Ends a proposal; `newJourneyId`: the journey that its message began. */
export function endProposal(
  tx: Tx,
  id: string,
  {
    state,
    newJourneyId = null,
    by = null,
    at,
  }: {
    readonly state: Exclude<Resubmission["state"], "proposed">;
    readonly newJourneyId?: string | null;
    readonly by?: string | null;
    readonly at: Date;
  },
): Promise<unknown> {
  return tx.query({
    name: "resubmission.end",
    text: "update resubmission.proposal set state = $2, new_journey_id = $3, decided_by = $4, decided_at = $5 where id = $1",
    values: [id, state, newJourneyId, by, at],
  });
}

/** How a journey hangs together with others by messages that were mended. */
export type JourneyLinks = {
  /** The journey whose message was mended to begin this one. */
  readonly of: string | undefined;
  /** The journey that began in this one's place. */
  readonly as: string | undefined;
};

export async function readLinks(db: Queryable, journeyId: string): Promise<JourneyLinks> {
  const rows = await db.query<{ journeyId: string; newJourneyId: string }>({
    name: "resubmission.links",
    text: `select journey_id as "journeyId", new_journey_id as "newJourneyId" from resubmission.proposal
      where state = 'taken-in' and (journey_id = $1 or new_journey_id = $1)`,
    values: [journeyId],
  });
  return {
    of: rows.find((row) => row.newJourneyId === journeyId)?.journeyId,
    as: rows.find((row) => row.journeyId === journeyId)?.newJourneyId,
  };
}
