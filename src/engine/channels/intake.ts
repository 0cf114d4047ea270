// Taking in: many arrivals, one commit. An answer goes out only after its message is durable.

import { createHash, randomBytes } from "node:crypto";
import { append as appendLeaves, commit as commitment, type Leaf } from "#engine/audit";
import type { Backbone, NewMessage } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { type IntakeRow, insertIntake, insertKeys, readIntake } from "./store.ts";
import type { Arrival, BusinessKey, Fault, Receipt } from "./types.ts";

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
};

/** Takes messages in. */
export type Intake = { accept(judged: Judged): Promise<Receipt> };

type Waiting = {
  readonly judged: Judged;
  readonly digest: Buffer;
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
};

const MOST_PER_COMMIT = 500;
/** More than this many waiting: the database does not keep up, and senders are told so at once. */
const MOST_WAITING = 10_000;

/** The topic a channel's messages are stored on. */
export const receivedTopic = (channel: string): string => `${channel}.received`;

/**
 * Arrivals that come while a commit is under way share the next one: under load the cost of a durable commit is split
 * among them, and an arrival that comes alone waits for nobody.
 */
export function openIntake({ db, backbone, clock }: { db: Db; backbone: Backbone; clock: Clock }): Intake {
  const waiting: Waiting[] = [];
  let committing = false;

  const flush = async (): Promise<void> => {
    committing = true;
    while (waiting.length > 0) {
      const batch = distinct(waiting);
      try {
        const receipts = await commitBatch(db, backbone, clock, batch);
        for (const [index, one] of batch.entries()) one.resolve(receipts[index]!);
      } catch (thrown) {
        for (const one of batch) one.reject(thrown);
      }
    }
    committing = false;
  };

  return {
    accept(judged) {
      if (waiting.length >= MOST_WAITING)
        return Promise.reject(new LockgateError("CHANNEL_OVERLOADED", { at: judged.channel }));
      const digest = createHash("sha256").update(judged.arrival.bytes).digest();
      return new Promise((resolve, reject) => {
        waiting.push({ judged, digest, resolve, reject });
        // Let the arrivals of this turn of the event loop gather first.
        if (!committing) {
          committing = true;
          setImmediate(() => void flush());
        }
      });
    },
  };
}

const identityOf = ({ judged, digest }: Waiting): string =>
  `${judged.channel}\n${judged.arrival.sender}\n${judged.arrival.controlId ?? digest.toString("base64")}`;

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

async function commitBatch(db: Db, backbone: Backbone, clock: Clock, batch: readonly Waiting[]): Promise<Receipt[]> {
  const rows = batch.map(intakeRow);
  const topics = new Set<string>();
  const fresh = await db.transaction(async (tx) => {
    const inserted = await insertIntake(tx, rows);
    const messages: NewMessage[] = [];
    const leaves: Leaf[] = [];
    const keys: (BusinessKey & { journeyId: string })[] = [];
    const at = new Date(clock.now());
    for (const [index, row] of rows.entries()) {
      if (!inserted.has(row.journeyId)) continue;
      const { judged } = batch[index]!;
      leaves.push(leafOf(row, judged, at));
      for (const key of judged.keys) keys.push({ ...key, journeyId: row.journeyId });
      if (judged.deliveries > 0) messages.push(messageOf(row, judged));
    }
    if (keys.length > 0) void insertKeys(tx, keys);
    if (leaves.length > 0) void appendLeaves(tx, leaves);
    for (const message of messages) topics.add(message.topic);
    if (messages.length > 0) await backbone.publish(tx, messages);
    return inserted;
  });
  for (const topic of topics) backbone.hint(topic);
  return Promise.all(rows.map((row) => (fresh.has(row.journeyId) ? stored(row) : answerFromRecord(db, row))));
}

function intakeRow({ judged, digest }: Waiting): IntakeRow {
  return {
    journeyId: newId(),
    channel: judged.channel,
    sender: judged.arrival.sender,
    controlId: judged.arrival.controlId ?? `sha256:${digest.toString("hex")}`,
    digest,
    deliveries: judged.deliveries,
    faults: judged.faults,
    salt: randomBytes(16),
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

function leafOf(row: IntakeRow, judged: Judged, at: Date): Leaf {
  const [fault] = judged.faults;
  return {
    at,
    part: row.channel,
    name: "received",
    outcome: fault ? "refused" : judged.deliveries > 0 ? "ok" : "filtered",
    journeyId: row.journeyId,
    commitments: { message: commitment(row.salt, row.digest) },
    ...(fault ? { code: fault.reason ?? fault.code } : {}),
  };
}

const stored = (row: IntakeRow): Receipt => ({ journeyId: row.journeyId, outcome: "stored", faults: row.faults });

async function answerFromRecord(db: Db, row: IntakeRow): Promise<Receipt> {
  const known = await readIntake(db, row.channel, row.sender, row.controlId);
  if (!known) throw new LockgateError("DATABASE_UNAVAILABLE");
  const outcome = known.digest.equals(row.digest) ? "duplicate" : "conflict";
  return { journeyId: known.journeyId, outcome, faults: known.faults ?? [] };
}
