// Journeys that begin without a wire: by a request to the platform, or by the platform itself. They are found as any other.

import { randomBytes } from "node:crypto";
import { append, commit as commitment } from "#engine/audit";
import { gathering } from "#engine/backbone";
import type { Queryable, Tx } from "#kernel/db";
import { type IntakeRecord, insertKeys, insertRoots, readIntake } from "./store.ts";
import type { BusinessKey } from "./types.ts";

const SALT_BYTES = 16;

/** The root of a journey that no channel took in. */
export type NewRoot = {
  readonly journeyId: string;
  readonly at: Date;
  /** The part of the platform that it begins in; stands where a channel's name would. */
  readonly origin: string;
  /** Who caused it: a principal's id, or the part itself. */
  readonly by: string;
  /** Whoever comes again with the same id begins nothing. */
  readonly requestId: string;
  /** SHA-256 of what was asked for. */
  readonly digest: Buffer;
  readonly keys: readonly BusinessKey[];
  /** Strands that must end before the journey is complete. */
  readonly strands: number;
};

/**
 * Begins journeys in the caller's transaction, each with its keys and its first leaf.
 * @returns the ids of those begun; one whose id, or whose causer's request, is known already is left as it was
 */
export async function beginJourneys(tx: Tx, roots: readonly NewRoot[]): Promise<ReadonlySet<string>> {
  const rows = roots.map(({ journeyId, origin, by, requestId, digest, strands }) => ({
    journeyId,
    channel: origin,
    sender: by,
    controlId: requestId,
    digest,
    deliveries: strands,
    faults: [],
    salt: randomBytes(SALT_BYTES),
  }));
  const begun = new Set(await insertRoots(tx, rows));
  const fresh = roots.filter(({ journeyId }) => begun.has(journeyId));
  const keys = fresh.flatMap(({ journeyId, keys: own }) => own.map((key) => ({ ...key, journeyId })));
  if (keys.length > 0) await insertKeys(tx, keys);
  const salts = new Map(rows.map(({ journeyId, salt }) => [journeyId, salt]));
  await append(
    tx,
    fresh.map(({ journeyId, at, origin, by, digest }) => ({
      at,
      part: origin,
      name: "received",
      outcome: "ok",
      journeyId,
      actor: by,
      commitments: { message: commitment(salts.get(journeyId)!, digest) },
    })),
  );
  return begun;
}

/** The root of a journey that a handler begins, written with the rows of its round. */
export const journeyBegun = gathering<NewRoot>(async (tx, roots) => void (await beginJourneys(tx, roots)));

/** The journey that a causer's request began, while it is remembered. */
export const readBegun = (
  db: Queryable,
  { origin, by, requestId }: Pick<NewRoot, "origin" | "by" | "requestId">,
): Promise<IntakeRecord | undefined> => readIntake(db, origin, by, requestId);
