// Controlled write-back: each change reaches the target once as the target sees it, or a person is told.
//
//   request ─▶ read the record ─▶ decide ─▶ write under version and idempotency key ─▶ read back ─▶ settle
//                  ▲                 │ refused ─▶ dead letter: a person decides
//                  └── stale ────────┤ no answer ─▶ look for the key ─▶ found: read back · not found: try again later
//                                    └ target down ─▶ hold: nothing is taken up until it answers

import type { Leaf } from "#engine/audit";
import type { Backbone, Delivery, Envelope, NewMessage, Settlement } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { asLockgateError, LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { spanOf } from "#kernel/trace";
import { decide, unheld } from "./decide.ts";
import { type Guard, guard, isTargetDown } from "./guard.ts";
import * as store from "./store.ts";
import type { CallContext, Held, Target, Values, WriteRequest } from "./types.ts";

const CONTENT_TYPE = "application/vnd.lockgate.write-request+json";
/** A record that others write at the same moment is read and decided again this often within one attempt. */
const MOST_REREADS = 3;
/** A posting run may lock records for a quarter of an hour: nobody is called out for that. */
const RETRY = { maxAttempts: 40, firstPauseMs: 200, longestPauseMs: 60_000 };

export type WritebackOptions = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly clock: Clock;
  readonly log: Log;
  readonly target: Target;
  /** Changes under way at once on this node. */
  readonly concurrency: number;
  readonly callsPerSecond: number;
};

/** Where changes are handed in for one target. */
export type Writeback = {
  /**
   * Puts a change in the outbox: `publish` and `apply` go into the transaction that decides the change.
   */
  request(
    request: WriteRequest,
    from: Pick<Envelope, "journeyId" | "traceparent" | "position">,
  ): { publish: NewMessage[]; apply(tx: Tx): Promise<void> };
  /** Takes a record that the target holds for a subject's: changes go to it from then on. */
  adopt(tx: Tx, subject: string, held: Held): Promise<void>;
  /** The target's id of a subject's record, once one is known. */
  externalIdOf(subject: string): Promise<string | undefined>;
  /** Makes another call to the target, under the same limits. @throws as `work` does; ERP_UNAVAILABLE while it is left alone */
  ask<T>(work: () => Promise<T>): Promise<T>;
  /** How a message settles whose call failed because the target is in trouble; undefined for any other failure. */
  holdWhileDown(thrown: unknown): Settlement | undefined;
};

type Outcome = { readonly held: Held; readonly state: "applied" | "unchanged"; readonly foundAgain?: boolean };

export function openWriteback(options: WritebackOptions): Writeback {
  const { db, backbone, clock, target } = options;
  const log = options.log.child({ target: target.name });
  const part = `writeback.${target.name}`;
  const topic = `${target.name}-write.requested`;
  const gate = guard(clock, options.callsPerSecond, (open) => log.warn(open ? "breaker open" : "breaker closed"));

  const holdWhileDown = (thrown: unknown): Settlement | undefined =>
    isTargetDown(thrown) ? { settle: "hold", forMs: gate.holdMs(thrown), error: thrown } : undefined;

  const handler = async (message: Envelope, delivery: Delivery): Promise<Settlement> => {
    const request = JSON.parse(message.body.toString()) as WriteRequest;
    const context: CallContext = {
      traceparent: spanOf(message),
      signal: delivery.signal,
    };
    try {
      const reference = await store.readReference(db, target.name, request.subject);
      const outcome = await carryOut(guarded(target, gate), request, reference, context);
      return settled(outcome, baseline(request, reference, outcome.held), message, delivery.attempt, request);
    } catch (thrown) {
      return holdWhileDown(thrown) ?? Promise.reject(asLockgateError(thrown));
    }
  };

  const settled = (
    outcome: Outcome,
    seen: Held,
    message: Envelope,
    attempt: number,
    { idempotencyKey, subject }: WriteRequest,
  ): Settlement => {
    const at = new Date(clock.now());
    const common = { at, part, journeyId: message.journeyId, ...(attempt > 1 ? { attempt } : {}) };
    const written: Leaf[] =
      outcome.state === "applied"
        ? [
            { ...common, name: "written", outcome: outcome.foundAgain ? "found" : "ok" },
            { ...common, name: "read-back", outcome: "ok" },
          ]
        : [{ ...common, name: "compared", outcome: "unchanged" }];
    return {
      settle: "complete",
      leaves: [...written, { ...common, name: "completed", outcome: outcome.state, detail: { ends: true } }],
      apply: async (tx: Tx) => {
        void store.settleChange(tx, idempotencyKey, outcome.state);
        await store.upsertReference(tx, target.name, subject, seen);
      },
    };
  };

  backbone.subscribe({ name: part, topic, handler, concurrency: options.concurrency, retry: RETRY });

  return {
    request(request, from) {
      const message: NewMessage = {
        topic,
        session: request.subject,
        journeyId: from.journeyId,
        body: Buffer.from(JSON.stringify(request)),
        contentType: CONTENT_TYPE,
        source: part,
        causationId: String(from.position),
        traceparent: from.traceparent,
      };
      return {
        publish: [message],
        apply: async (tx) =>
          void (await store.insertChange(tx, target.name, { ...request, journeyId: from.journeyId })),
      };
    },
    ask: (work) => gate.call(work),
    holdWhileDown,
    adopt: async (tx, subject, held) => void (await store.upsertReference(tx, target.name, subject, held)),
    externalIdOf: async (subject) => (await store.readReference(db, target.name, subject))?.externalId,
  };
}

/**
 * The record as it counts as seen by us: with what we asked for, and else as we saw it the last time. A field that
 * somebody else has changed since stays theirs until a later event speaks of it, whatever we wrote beside it.
 */
function baseline(request: WriteRequest, reference: store.Reference | undefined, held: Held): Held {
  const asked = Object.fromEntries(Object.entries(request.values).filter(([, value]) => value !== undefined));
  return { ...held, values: { ...(reference?.held ?? held.values), ...asked } };
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

/** Makes the change at the target, once. */
async function carryOut(
  target: Target,
  request: WriteRequest,
  reference: store.Reference | undefined,
  context: CallContext,
): Promise<Outcome> {
  const externalId = reference?.externalId;
  if (externalId === undefined) {
    const written = await writeOnce(target, request, context, () =>
      target.create(request.values, request.idempotencyKey, context),
    );
    return readBack(target, request.values, written, request, context);
  }
  for (let reread = 0; ; reread += 1) {
    const current = await target.read(externalId, context);
    if (!current) throw new LockgateError("ERP_NOT_FOUND");
    // An earlier attempt whose answer was lost has written already.
    if (current.idempotencyKey === request.idempotencyKey) return { held: current, state: "applied", foundAgain: true };
    const decision = decide(request, current, reference?.held);
    if (decision.write === "nothing") return { held: current, state: "unchanged" };
    if (decision.write === "refused") {
      // Written by an earlier attempt, and other changes since: what differs now is theirs.
      if (await target.findByIdempotencyKey(request.idempotencyKey, context))
        return { held: current, state: "applied", foundAgain: true };
      throw new LockgateError("WRITEBACK_CONFLICT", { at: decision.fields.join(", ") });
    }
    try {
      const written = await writeOnce(target, request, context, () =>
        target.update(externalId, current.version, decision.values, request.idempotencyKey, context),
      );
      return await readBack(target, decision.values, written, request, context);
    } catch (thrown) {
      const stale = thrown instanceof LockgateError && thrown.code === "ERP_STALE";
      if (!stale || reread === MOST_REREADS) throw thrown;
    }
  }
}

type Written = { readonly held: Held; readonly foundAgain: boolean };

/** Writes; where the answer is lost or the key is known already, the key says whether the write happened. */
async function writeOnce(
  target: Target,
  request: WriteRequest,
  context: CallContext,
  write: () => Promise<Held>,
): Promise<Written> {
  try {
    return { held: await write(), foundAgain: false };
  } catch (thrown) {
    if (!(thrown instanceof LockgateError) || thrown.disposition !== "ambiguous") throw thrown;
    const held = await target.findByIdempotencyKey(request.idempotencyKey, context);
    if (held) return { held, foundAgain: true };
    throw thrown;
  }
}

/** Reads the record afresh and compares it with what was written. */
async function readBack(
  target: Target,
  values: Values,
  written: Written,
  request: WriteRequest,
  context: CallContext,
): Promise<Outcome> {
  const held = await target.read(written.held.externalId, context);
  if (!held) throw new LockgateError("WRITEBACK_MISMATCH");
  const wrong = unheld(values, held.values);
  // At another version, or under another key, somebody wrote after us: that is their change, not a fault of ours.
  const isOurs = held.version === written.held.version && held.idempotencyKey === request.idempotencyKey;
  if (wrong.length > 0 && isOurs) throw new LockgateError("WRITEBACK_MISMATCH", { at: wrong.join(", ") });
  return { held, state: "applied", foundAgain: written.foundAgain };
}
