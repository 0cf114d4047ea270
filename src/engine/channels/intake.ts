// Taking in: many arrivals, one commit. An answer goes out only after its message is durable.

import { hash, randomBytes } from "node:crypto";
import { append as appendLeaves, commit as commitment, type Leaf } from "#engine/audit";
import type { Backbone, NewMessage } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import { type Db, isSqlState, type Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { count, isTracing, spanNowMs, told } from "#kernel/telemetry";
import { childOf, traceId, traceOfJourney } from "#kernel/trace";
import type { Made } from "./made.ts";
import { type IntakeRow, insertIntake, insertKeys, readIntake } from "./store.ts";
import type { Arrival, BusinessKey, Fault, Outgoing, Receipt } from "./types.ts";

/** An arrival with the channel's judgement on it. */
export type Judged = {
  readonly arrival: Arrival;
  readonly channel: string;
  readonly contentType: string;
  readonly session: string | undefined;
  readonly keys: readonly BusinessKey[];
  /** Strands that must end before the journey is complete; 0 for a message that goes nowhere. */
  readonly deliveries: number;
  readonly faults: readonly Fault[];
  /** What the channel made of it; absent where it made nothing of it. */
  readonly outgoing?: readonly Outgoing[];
};

/** Takes messages in. */
export type Intake = { accept(judged: Judged): Promise<Receipt> };

/** What intake stands on. */
export type Ground = { readonly db: Db; readonly backbone: Backbone; readonly clock: Clock; readonly made: Made };

type Waiting = {
  readonly judged: Judged;
  readonly digest: Buffer;
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
};

const MOST_PER_COMMIT = 500;
/**
 * While one commit waits for the disk, the next is being written. It begins once it carries as many as the one under way:
 * senders that wait for their answers would otherwise split into ever smaller commits.
 */
const MOST_COMMITS = 2;
const SALT_BYTES = 16;
/** More than this many waiting: the database does not keep up, and senders are told so at once. */
const MOST_WAITING = 10_000;

/** The topic a channel's messages are stored on. */
export const receivedTopic = (channel: string): string => `${channel}.received`;

/**
 * Arrivals that come while a commit is under way share the next one: under load the cost of a durable commit is split
 * among them, and an arrival that comes alone waits for nobody.
 */
export function openIntake(ground: Ground): Intake {
  const waiting: Waiting[] = [];
  let isDue = false;
  let committing = 0;
  /** Arrivals in the commits under way. */
  let carried = 0;

  const flush = async (): Promise<void> => {
    isDue = false;
    if (waiting.length === 0 || waiting.length < carried || committing === MOST_COMMITS) return;
    const batch = distinct(waiting);
    committing += 1;
    carried += batch.length;
    await settle(ground, batch);
    committing -= 1;
    carried -= batch.length;
    void flush();
  };

  return {
    accept(judged) {
      if (waiting.length >= MOST_WAITING)
        return Promise.reject(new LockgateError("CHANNEL_OVERLOADED", { at: judged.channel }));
      const digest = hash("sha256", judged.arrival.bytes, "buffer");
      return new Promise((resolve, reject) => {
        waiting.push({ judged, digest, resolve, reject });
        if (isDue) return;
        isDue = true;
        // Let the arrivals of this turn of the event loop gather first.
        setImmediate(() => void flush());
      });
    },
  };
}

/** Commits a batch and answers each of its arrivals. */
async function settle(ground: Ground, batch: readonly Waiting[]): Promise<void> {
  try {
    for (const [index, receipt] of (await commitBatch(ground, batch)).entries()) batch[index]!.resolve(receipt);
  } catch (thrown) {
    // One arrival that is known already, or that cannot be stored, fails the whole batch; each by itself, the others go through.
    const lost = thrown instanceof LockgateError && thrown.code === "DATABASE_UNAVAILABLE";
    if (!lost && batch.length > 1) return void (await Promise.all(batch.map((one) => settle(ground, [one]))));
    const [only] = batch;
    if (isSqlState(thrown, "23505") && only) return answerFromRecord(ground.db, only).then(only.resolve, only.reject);
    for (const one of batch) one.reject(thrown);
  }
}

const identityOf = ({ judged, digest }: Waiting): string =>
  `${judged.channel}\n${judged.arrival.sender}\n${controlIdOf(judged, digest)}`;

/** Takes from the queue up to a batch in which no identity stands twice: the second is answered from the first's record. */
function distinct(waiting: Waiting[]): Waiting[] {
  const seen = new Set<string>();
  let size = 0;
  for (const one of waiting) {
    const identity = identityOf(one);
    if (size >= MOST_PER_COMMIT || seen.has(identity)) break;
    seen.add(identity);
    size += 1;
  }
  return waiting.splice(0, size);
}

/** One round trip: every statement leaves before the first is answered. @throws 23505 when any arrival is known already */
async function commitBatch({ db, backbone, clock, made }: Ground, batch: readonly Waiting[]): Promise<Receipt[]> {
  const beganAt = performance.now();
  const salts = randomBytes(batch.length * SALT_BYTES);
  const rows = batch.map(({ judged, digest }, index) =>
    intakeRow(judged, digest, salts.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES)),
  );
  const at = new Date(clock.now());
  const taken = rows.map((row, index) => ({ row, judged: batch[index]!.judged, leaf: leafOf(row, at) }));
  await db.transaction((tx) => write(tx, backbone, taken));
  for (const [index, { journeyId }] of rows.entries()) {
    const { outgoing } = batch[index]!.judged;
    if (outgoing) made.keep(journeyId, outgoing);
  }
  for (const channel of new Set(rows.flatMap((row) => (row.deliveries > 0 ? [row.channel] : []))))
    backbone.hint(receivedTopic(channel));
  for (const [index, row] of rows.entries()) tellOf(row, batch[index]!.judged, beganAt);
  return rows.map((row) => ({ journeyId: row.journeyId, outcome: "stored", faults: row.faults }));
}

type Taken = { readonly row: IntakeRow; readonly judged: Judged; readonly leaf: Leaf };

/** Every statement leaves before the first is answered. */
async function write(tx: Tx, backbone: Pick<Backbone, "publish">, taken: readonly Taken[]): Promise<void> {
  const keys = taken.flatMap(({ row: { journeyId }, judged }) => judged.keys.map((key) => ({ ...key, journeyId })));
  await Promise.all([
    insertIntake(
      tx,
      taken.map(({ row }) => row),
    ),
    keys.length > 0 ? insertKeys(tx, keys) : undefined,
    appendLeaves(
      tx,
      taken.map(({ leaf }) => leaf),
    ),
    backbone.publish(
      tx,
      taken.flatMap(({ row, judged }) => (row.deliveries > 0 ? [messageOf(row, judged)] : [])),
    ),
  ]);
}

/**
 * Takes one arrival in under a journey that the caller began, in the caller's transaction, with who caused it.
 * @throws 23505 when its sender's id is known already
 */
export async function takeIn(
  tx: Tx,
  backbone: Pick<Backbone, "publish">,
  judged: Judged,
  { journeyId, at, ...cause }: { readonly journeyId: string } & Pick<Leaf, "at" | "actor" | "detail">,
): Promise<void> {
  const digest = hash("sha256", judged.arrival.bytes, "buffer");
  const row = { ...intakeRow(judged, digest, randomBytes(SALT_BYTES)), journeyId };
  await write(tx, backbone, [{ row, judged, leaf: { ...leafOf(row, at), ...cause } }]);
}

/** The intake as telemetry sees it: the root of the journey's trace, or a span below the one that the sender sent along. */
function tellOf({ journeyId, channel, faults, deliveries }: IntakeRow, { arrival }: Judged, beganAt: number): void {
  const [fault] = faults;
  const outcome = fault ? (fault.reason ?? fault.code) : deliveries > 0 ? "ok" : "filtered";
  count("lockgate.messages", { "lockgate.channel": channel, "lockgate.outcome": outcome });
  if (!isTracing()) return;
  const { traceparent: parent } = arrival;
  told({
    name: `receive ${channel}`,
    kind: "consumer",
    self: traceId(parent) ? childOf(parent) : traceOfJourney(journeyId),
    parent: traceId(parent) ? parent : undefined,
    beganAtMs: performance.timeOrigin + beganAt,
    endedAtMs: spanNowMs(),
    attributes: { "lockgate.channel": channel, "lockgate.outcome": outcome },
  });
}

/** A message that names no id goes by its bytes. */
const controlIdOf = ({ arrival }: Judged, digest: Buffer): string =>
  arrival.controlId ?? `sha256:${digest.toString("hex")}`;

function intakeRow(judged: Judged, digest: Buffer, salt: Buffer): IntakeRow {
  return {
    journeyId: newId(),
    channel: judged.channel,
    sender: judged.arrival.sender,
    controlId: controlIdOf(judged, digest),
    digest,
    deliveries: judged.deliveries,
    faults: judged.faults,
    salt,
  };
}

function messageOf(row: IntakeRow, judged: Judged): NewMessage {
  return {
    topic: receivedTopic(row.channel),
    session: judged.session,
    journeyId: row.journeyId,
    body: judged.arrival.bytes,
    contentType: judged.contentType,
    source: row.channel,
    traceparent: judged.arrival.traceparent,
  };
}

function leafOf(row: IntakeRow, at: Date): Leaf {
  const [fault] = row.faults;
  return {
    at,
    part: row.channel,
    name: "received",
    outcome: fault ? "refused" : row.deliveries > 0 ? "ok" : "filtered",
    journeyId: row.journeyId,
    commitments: { message: commitment(row.salt, row.digest) },
    ...(fault ? { code: fault.reason ?? fault.code } : {}),
  };
}

async function answerFromRecord(db: Db, { judged, digest }: Waiting): Promise<Receipt> {
  const known = await readIntake(db, judged.channel, judged.arrival.sender, controlIdOf(judged, digest));
  if (!known) throw new LockgateError("DATABASE_UNAVAILABLE"); // the one that was quicker has been rolled back: the sender tries again
  const outcome = known.digest.equals(digest) ? "duplicate" : "conflict";
  return { journeyId: known.journeyId, outcome, faults: known.faults ?? [] };
}
