// One message in the hands of a node, and how to get it from a row of the store.

import type { Db } from "#kernel/db";
import { envelopeOf, type MessageRow } from "./envelope.ts";
import { readBody } from "./store.ts";
import type { Envelope } from "./types.ts";
import type { Attempt, Verdict } from "./verdict.ts";

/** A message at its `attempt`-th attempt. */
export type Work = {
  readonly row: MessageRow & { body: Buffer };
  readonly envelope: Envelope;
  readonly attempt: number;
};

/** A message and what becomes of it. */
export type Settled = { readonly work: Work; readonly verdict: Verdict };

/** Large bodies are fetched only now. */
export async function workOf(
  db: Db,
  topic: { readonly name: string; readonly number: number },
  row: MessageRow,
  attempt: number,
): Promise<Work> {
  const body = row.body ?? (await readBody(db, topic.number, row.partition, row.position));
  const whole = { ...row, body };
  return { row: whole, envelope: envelopeOf(db.vault, topic, whole), attempt };
}

export const attemptOf = (subscription: string, { envelope, attempt }: Work): Attempt => ({
  part: subscription,
  journeyId: envelope.journeyId,
  attempt,
});
