// Controlled write-back: each change reaches the target once as the target sees it, and whoever asked is told what became of it.
//
//   request ─▶ carry out ─▶ applied, unchanged or refused: settled, and told
//                  ├─ may pass, or may have happened ─▶ tried again; in the end a dead letter
//                  ├─ target down ─▶ hold: nothing is taken up until it answers
//                  └─ every later request would fail too ─▶ dead letter: a person decides

import type { Backbone, Delivery, Effects, Envelope, NewMessage, Settlement } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { asLockgateError, LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { count, spanning } from "#kernel/telemetry";
import { spanOf } from "#kernel/trace";
import { carryOut } from "./carry-out.ts";
import { type Guard, guard, isTargetDown, type Pace } from "./guard.ts";
import { settlement } from "./settle.ts";
import * as store from "./store.ts";
import type { CallContext, Held, Target, WriteRequest } from "./types.ts";

const CONTENT_TYPE = "application/vnd.lockgate.write-request+json";
/** A posting run may lock records for a quarter of an hour: nobody is called out for that. */
const RETRY = { maxAttempts: 40, firstPauseMs: 200, longestPauseMs: 60_000 };

export type WritebackOptions = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly clock: Clock;
  readonly log: Log;
  readonly target: Target;
  /** On which topic whoever asks is told; who listens there hears of every change at the target. */
  readonly tells: string;
  /** Changes under way at once on this node. */
  readonly concurrency: number;
  /** Shared with every other target of the same system. */
  readonly pace: Pace;
};

/** Where changes are handed in for one target. */
export type Writeback = {
  /**
   * Puts a change in the outbox: the effects go into the transaction that decides the change. Whoever asks is told what became
   * of it, once, and ends the journey.
   */
  request(
    request: WriteRequest,
    from: Pick<Envelope, "journeyId" | "traceparent" | "position">,
  ): Effects & Required<Pick<Effects, "publish" | "gather">>;
  /** Takes a record that the target holds for a subject's: changes go to it from then on. */
  adopt(tx: Tx, subject: string, held: Held): Promise<void>;
  /** Keeps none of these fields of a subject's record any longer; the target's record stays as it is. */
  forget(tx: Tx, subject: string, fields: readonly string[]): Promise<void>;
  /** The target's id of a subject's record, once one is known. */
  externalIdOf(subject: string): Promise<string | undefined>;
  /** A subject's record as last seen by us, once one is known. */
  reference(subject: string): Promise<Omit<store.Reference, "subject"> | undefined>;
  /** The target's record as of now, under the same limits. @throws as `ask` does */
  read(externalId: string, context: CallContext): Promise<Held | undefined>;
  /** Makes another call to the target, under the same limits. @throws as `work` does; ERP_UNAVAILABLE while it is left alone */
  ask<T>(work: () => Promise<T>): Promise<T>;
  /** How a message settles whose call failed because the target is in trouble; undefined for any other failure. */
  holdWhileDown(thrown: unknown): Settlement | undefined;
};

/** Write-back together with the work on what was handed in. */
export type RunningWriteback = Writeback & {
  /** Carries changes out on this node from now on, until the backbone closes. */
  run(): void;
};

/** Opens write-back to one target. */
export function openWriteback(options: WritebackOptions): RunningWriteback {
  const { db, backbone, clock } = options;
  const { name } = options.target;
  const part = `writeback.${name}`;
  const topic = `${name}-write.requested`;
  const gate = guard(name, options.pace, options);
  const target = guarded(options.target, gate);

  const holdWhileDown = (thrown: unknown): Settlement | undefined =>
    isTargetDown(thrown) ? { settle: "hold", forMs: gate.holdMs(thrown), error: thrown } : undefined;

  const settle = async (message: Envelope, { attempt, signal }: Delivery): Promise<Settlement> => {
    const request = JSON.parse(message.body.toString()) as WriteRequest;
    const standing = await store.readStanding(db, request.idempotencyKey);
    if (!standing) throw new LockgateError("INTERNAL", { reason: "request-without-change" });
    // The topic was replayed: what was settled once stays so.
    if (standing.isSettled) return { settle: "complete" };
    const { reference } = standing;
    const parent = spanOf(message);
    const outcome = await spanning({ name: `write back ${name}`, kind: "internal", parent }, (traceparent) => {
      const context: CallContext = { traceparent, signal };
      return carryOut({ target, request, context }, reference);
    });
    count("lockgate.writeback.results", { "lockgate.system": name, "lockgate.outcome": outcome.state });
    const at = new Date(clock.now());
    return {
      settle: "complete",
      ...settlement({ part, target: name, tells: options.tells, at, attempt, message, request, reference }, outcome),
    };
  };

  return {
    run() {
      const handler = (message: Envelope, delivery: Delivery): Promise<Settlement> =>
        settle(message, delivery).catch((thrown) => holdWhileDown(thrown) ?? Promise.reject(asLockgateError(thrown)));
      backbone.subscribe({ name: part, topic, handler, concurrency: options.concurrency, retry: RETRY });
    },
    request(request, { journeyId, position, traceparent }) {
      const { subject, idempotencyKey } = request;
      const message: NewMessage = {
        topic,
        session: subject,
        journeyId,
        body: Buffer.from(JSON.stringify(request)),
        contentType: CONTENT_TYPE,
        source: part,
        causationId: String(position),
        traceparent,
      };
      return {
        publish: [message],
        gather: [store.requestedRow({ target: name, subject, idempotencyKey, journeyId })],
      };
    },
    adopt: (tx, subject, held) => store.upsertReference(tx, name, subject, held),
    forget: (tx, subject, fields) => store.forgetSeen(tx, name, subject, fields),
    externalIdOf: async (subject) => (await store.readReference(db, name, subject))?.externalId,
    async reference(subject) {
      const known = await store.readReference(db, name, subject);
      return known && { externalId: known.externalId, version: known.version, held: known.held };
    },
    read: target.read,
    ask: (work) => gate.call(work),
    holdWhileDown,
  };
}

/** The target with every call behind its guard. */
function guarded(target: Target, gate: Guard): Target {
  return {
    name: target.name,
    read: (...call) => gate.call(() => target.read(...call)),
    findByIdempotencyKey: (...call) => gate.call(() => target.findByIdempotencyKey(...call)),
    create: (...call) => gate.call(() => target.create(...call)),
    update: (...call) => gate.call(() => target.update(...call)),
  };
}
