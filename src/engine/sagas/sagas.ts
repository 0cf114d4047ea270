// Sagas as the rest of the platform uses them: run the definitions, look at instances, and steer one by hand.

import { append } from "#engine/audit";
import { defaultRetry } from "#engine/backbone";
import { WORK_DECIDED } from "#engine/work";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { attemptsOf, onAdvance, onDecided, onEvent, onStart, onUndo, undoAttemptsOf } from "./handlers.ts";
import { memory } from "./memory.ts";
import type { SagaPlatform, SagasOptions } from "./platform.ts";
import { reader } from "./reader.ts";
import { registry } from "./registry.ts";
import * as store from "./store.ts";
import { advanceTopic, goOnMessage, movedLeaf, undoTopic } from "./transition.ts";
import type { Entry, Instance, InstanceWithJournal, SagaDefinition, Status } from "./types.ts";

const RECORDED_PAGE = 200;
const FORGOTTEN_BATCH = 500;
const NIL = "00000000-0000-0000-0000-000000000000";

/** One recorded result of a step. */
export type Recorded = { readonly journeyId: string; readonly at: Date; readonly result: unknown };

export type Sagas = {
  /** Works the sagas on this node until the backbone closes. */
  run(): void;
  /** Every definition that this node knows, the newest of each name first. */
  readonly definitions: readonly SagaDefinition[];
  /** @throws SAGA_UNKNOWN */
  instance(id: string): Promise<InstanceWithJournal>;
  ofJourney(journeyId: string): Promise<Instance[]>;
  /** What a step recorded since an instant, oldest first. */
  recorded(saga: string, step: string, since: Date): AsyncIterable<Recorded>;
  /** Nothing more happens; what comes for it is kept. @throws SAGA_UNKNOWN, SAGA_STATE */
  pause(id: string, actor: string): Promise<void>;
  /** @throws SAGA_UNKNOWN, SAGA_STATE */
  resume(id: string, actor: string): Promise<void>;
  /** Takes back what was done, and ends it. @throws SAGA_UNKNOWN, SAGA_STATE */
  cancel(id: string, actor: string): Promise<void>;
  /** Runs again from a step on, where it stands or before. @throws SAGA_UNKNOWN, SAGA_STATE, REQUEST_INVALID */
  retryFrom(id: string, step: string, actor: string): Promise<void>;
  /** Forgets instances that ended before an instant, with all that they recorded. @returns how many */
  forget(endedBefore: Date): Promise<number>;
};

export function openSagas({ definitions, ...given }: SagasOptions): Sagas {
  const known = registry(definitions);
  const platform: SagaPlatform = { ...given, registry: known, reader: reader(given.db), memory: memory() };
  const { db, backbone } = platform;

  const instance = async (id: string): Promise<InstanceWithJournal> => {
    const found = await platform.reader.instance(id);
    if (!found) throw new LockgateError("SAGA_UNKNOWN", { at: id });
    return found;
  };

  const steer = async (
    id: string,
    actor: string,
    from: readonly Status[],
    change: (before: InstanceWithJournal) => Partial<store.MovedRow>,
    restartAt?: string,
  ): Promise<void> => {
    const before = await instance(id);
    if (!from.includes(before.status)) throw new LockgateError("SAGA_STATE", { at: before.status });
    const to = { ...before, revision: before.revision + 1, code: null, ...change(before) };
    const item = before.awaiting?.item;
    const at = new Date(platform.clock.now());
    const entries = restartAt === undefined ? [] : [restarted(restartAt, to.revision, at)];
    const goesOn = to.status === "running" || to.status === "undoing";
    await db.transaction(async (tx) => {
      await store.moveInstance(tx, to, entries);
      if (item !== undefined && to.awaiting?.item !== item) await platform.work.withdraw(tx, item, "steered by hand");
      await append(tx, [movedLeaf(before, at, to, actor)]);
      if (goesOn) await backbone.publish(tx, [goOnMessage(to)]);
    });
    if (goesOn) backbone.hint(goOnMessage(to).topic);
  };

  return {
    definitions: known.latest.flatMap(({ name }) => known.versions(name)),
    instance,
    ofJourney: (journeyId) => store.readOfJourney(db, journeyId),
    recorded: (saga, step, since) => recordedSince(db, saga, step, since),
    pause: (id, actor) =>
      steer(id, actor, ["running", "waiting"], ({ status }) => ({ status: "paused", resumes: status })),
    // What it waited for may have come meanwhile: it looks, and waits again if not.
    resume: (id, actor) => steer(id, actor, ["paused"], () => ({ status: "running", resumes: null })),
    cancel: (id, actor) =>
      steer(id, actor, ["running", "waiting", "paused", "stuck"], () => ({
        status: "undoing",
        resumes: "cancelled",
        awaiting: null,
      })),
    retryFrom: (id, step, actor) =>
      steer(
        id,
        actor,
        ["waiting", "paused", "stuck"],
        (before) => {
          if (!reachable(known.of(before), before, step)) throw new LockgateError("REQUEST_INVALID", { at: "step" });
          return { status: "running", step, resumes: null, awaiting: null };
        },
        step,
      ),
    async forget(endedBefore) {
      let forgotten = 0;
      for (let last = FORGOTTEN_BATCH; last === FORGOTTEN_BATCH; forgotten += last)
        last = await store.deleteEnded(db, endedBefore, FORGOTTEN_BATCH);
      return forgotten;
    },
    run: () => subscribe(platform),
  };
}

const restarted = (step: string, revision: number, at: Date): Entry => ({
  revision,
  ordinal: 0,
  step,
  kind: "restarted",
  outcome: null,
  result: null,
  attempt: 1,
  at: at.toISOString(),
});

/** A saga can be sent back to where it has been, never forwards over a step. */
function reachable({ steps }: SagaDefinition, { step }: Instance, to: string): boolean {
  const index = (name: string | null) => steps.findIndex((one) => one.name === name?.split("/")[0]);
  return steps.some((one) => one.name === to) && index(to) <= index(step);
}

async function* recordedSince(db: Db, saga: string, step: string, since: Date): AsyncIterable<Recorded> {
  let after: store.RecordedPlace = { at: since.toISOString(), instanceId: NIL, revision: 0, ordinal: 0 };
  for (;;) {
    const page = await store.readRecorded(db, saga, step, since, after, RECORDED_PAGE);
    for (const { journeyId, at, result } of page) yield { journeyId, at: new Date(at), result };
    const last = page.at(-1);
    if (!last || page.length < RECORDED_PAGE) return;
    after = last;
  }
}

function subscribe(platform: SagaPlatform): void {
  const { backbone, registry: known } = platform;
  for (const definition of known.latest) {
    const { name, topic } = definition;
    const concurrency = definition.concurrency ?? 16;
    const retry = { ...defaultRetry, ...definition.retry };
    const versions = known.versions(name);
    // Each instance counts by the definition that it runs under; the subscription must not give up before.
    const most = (attempts: (one: SagaDefinition) => number) => Math.max(...versions.map(attempts));
    const goOn = { ...retry, maxAttempts: most(attemptsOf) };
    const goBack = { ...retry, ...definition.undoRetry, maxAttempts: most(undoAttemptsOf) };
    const advanced = advanceTopic(name);
    const undoing = undoTopic(name);
    backbone.subscribe({ name, topic, handler: onStart(platform, definition), concurrency, retry });
    backbone.subscribe({ name: advanced, topic: advanced, handler: onAdvance(platform), concurrency, retry: goOn });
    backbone.subscribe({ name: undoing, topic: undoing, handler: onUndo(platform), concurrency, retry: goBack });
    for (const [from, ways] of known.events(name)) {
      const handler = onEvent(platform, name, ways);
      backbone.subscribe({ name: `${name}.${from}`, topic: from, handler, concurrency, retry: goOn });
    }
  }
  backbone.subscribe({ name: "sagas.decisions", topic: WORK_DECIDED, handler: onDecided(platform) });
}
