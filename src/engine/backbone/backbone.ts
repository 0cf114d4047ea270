// The backbone as its users hold it: publish, subscribe, and look after what did not go through.

import { append as appendLeaves, type Leaf } from "#engine/audit";
import type { RolesOf } from "#kernel/authority";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { runChores } from "./chores.ts";
import * as cursors from "./cursors/store.ts";
import { envelopeOf } from "./envelope.ts";
import { leases } from "./leases.ts";
import { lookout } from "./lookout.ts";
import * as parked from "./parked/store.ts";
import { type Publisher, publisher } from "./publisher.ts";
import { openReplays } from "./replays/replays.ts";
import { runReplays } from "./replays/run.ts";
import type { Replays } from "./replays/types.ts";
import { readBacklog, readNear, readOldest } from "./store.ts";
import { runSubscription } from "./subscription.ts";
import type {
  Envelope,
  LetterPlace,
  LetterStanding,
  NewMessage,
  Parked,
  ParkedMessage,
  SubscriptionOptions,
} from "./types.ts";
import { wakes } from "./wake.ts";

/** Everything a module may ask of the backbone. `test/contract/backbone.test.ts` holds any implementation to it. */
export type Backbone = Publisher & {
  /** As `publish`, in a transaction of its own, with a wake-up. */
  publishNow(messages: readonly NewMessage[]): Promise<number>;
  /** Tells waiting subscriptions that a transaction which published to `topic` has committed. */
  hint(topic: string): void;
  /** Works the subscription on this node until the returned function is called; that waits for handlers at work. */
  subscribe(options: SubscriptionOptions): { stop(): Promise<void> };
  /** Nothing new is taken up on any node; what is queued stays. `null` resumes. */
  pause(subscription: string, reason: string | null): Promise<void>;
  /** Hands every kept message at or after `from` to the subscription again. */
  replay(subscription: string, from: Date): Promise<void>;
  parked(filter: {
    state?: Parked["state"];
    subscription?: string;
    journeyId?: string;
    most: number;
  }): Promise<Parked[]>;
  parkedMessage(subscription: string, position: number): Promise<ParkedMessage | undefined>;
  /** How these stand now; of what was handled meanwhile, nothing. */
  standings(places: readonly LetterPlace[]): Promise<LetterStanding[]>;
  /**
   * A message by its journey and the position of something that its commit wrote as well: both lie close together.
   * Undefined: it is not kept any more.
   */
  messageNear(topic: string, journeyId: string, position: number): Promise<Envelope | undefined>;
  /** Tries a dead letter again in its place in the session. @throws DEAD_LETTER_UNKNOWN */
  replayDeadLetter(subscription: string, position: number, actor: string): Promise<void>;
  /** Sets a dead letter aside for good, with who and why; its session goes on. @throws DEAD_LETTER_UNKNOWN */
  dismissDeadLetter(subscription: string, position: number, actor: string): Promise<void>;
  /**
   * Sets a dead letter aside for good, in the caller's transaction, as another message takes its place; its session goes on.
   * @returns whether it was a dead letter, and with `version` still that one
   */
  supersedeDeadLetter(
    tx: Tx,
    letter: LetterPlace & { readonly version?: string },
    actor: string,
    detail: NonNullable<Leaf["detail"]>,
  ): Promise<boolean>;
  /** Many dead letters tried again as one job. */
  readonly replays: Replays;
  backlog(): ReturnType<typeof readBacklog>;
  /** Since when the oldest message waits in each subscription that has one waiting: unread, failed or dead. */
  oldest(): ReturnType<typeof readOldest>;
  /** Which nodes hold leases, on how much, and till when. */
  leases(): ReturnType<typeof cursors.readLeases>;
  close(): Promise<void>;
};

/** What the backbone needs from its process. */
export type BackboneOptions = {
  readonly db: Db;
  /** This node's id; leases go by it. */
  readonly node: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long messages stay on the log once every subscription has read them, in milliseconds. */
  readonly keepMs: number;
  /** What roles people have now: a job in somebody's name stops where they lost one. Absent: nobody's are known. */
  readonly rolesOf?: RolesOf;
};

export async function openBackbone({ db, node, clock, log, keepMs, rolesOf }: BackboneOptions): Promise<Backbone> {
  const posts = publisher(db);
  const hints = await wakes(db, node);
  const look = lookout(db);
  const own = leases(db, node);
  const closing = new AbortController();
  const chores = runChores({ db, wakes: hints, clock, log, keepMs }, closing.signal);
  const replaying = runReplays({ db, id: node, clock, log, rolesOf }, closing.signal);
  const running = new Set<Promise<void>>();

  const settle = (
    subscription: string,
    position: number,
    to: "waiting" | "dismissing",
    name: string,
    actor: string,
  ): Promise<void> =>
    db.transaction(async (tx) => {
      const journeyId = await parked.settleDeadLetter(tx, subscription, position, to);
      if (!journeyId) throw new LockgateError("DEAD_LETTER_UNKNOWN", { at: `${subscription} ${position}` });
      await appendLeaves(tx, [
        { at: new Date(clock.now()), part: subscription, name, outcome: "ok", journeyId, actor },
      ]);
    });

  return {
    ...posts,
    async publishNow(messages) {
      const appended = await db.transaction((tx) => posts.publish(tx, messages));
      for (const topic of new Set(messages.map((message) => message.topic))) hints.hint(topic);
      return appended;
    },
    hint: hints.hint,
    subscribe(options) {
      const stopping = new AbortController();
      const signal = AbortSignal.any([stopping.signal, closing.signal]);
      const run = runSubscription(
        { id: node, db, publisher: posts, wakes: hints, lookout: look, leases: own, log },
        options,
        signal,
      );
      running.add(run);
      return {
        async stop() {
          stopping.abort();
          await run;
          running.delete(run);
        },
      };
    },
    async pause(subscription, reason) {
      if (!(await cursors.setPaused(db, subscription, reason)))
        throw new LockgateError("SUBSCRIPTION_UNKNOWN", { at: subscription });
    },
    replay: (subscription, from) => db.transaction((tx) => cursors.resetCursors(tx, subscription, from)),
    parked: (filter) => parked.listParked(db, filter),
    parkedMessage: (subscription, position) => parked.readParked(db, subscription, position),
    standings: (places) => parked.readStandings(db, places),
    async messageNear(topic, journeyId, position) {
      const number = await posts.numberOf(topic);
      const row = await readNear(db, number, journeyId, position);
      return row && envelopeOf(db.vault, { name: topic, number }, row);
    },
    replayDeadLetter: (subscription, position, actor) =>
      settle(subscription, position, "waiting", "dead-letter.replayed", actor),
    dismissDeadLetter: (subscription, position, actor) =>
      settle(subscription, position, "dismissing", "dead-letter.dismissed", actor),
    async supersedeDeadLetter(tx, { subscription, position, version }, actor, detail) {
      const journeyId = await parked.settleDeadLetter(tx, subscription, position, "dismissing", version);
      if (!journeyId) return false;
      const leaf = {
        at: new Date(clock.now()),
        part: subscription,
        name: "dead-letter.resubmitted",
        outcome: "ok",
      } as const;
      await appendLeaves(tx, [{ ...leaf, journeyId, actor, detail: { ...detail, ends: true } }]);
      return true;
    },
    replays: openReplays({ db, clock }),
    backlog: () => readBacklog(db),
    oldest: () => readOldest(db),
    leases: () => cursors.readLeases(db),
    async close() {
      closing.abort();
      await Promise.all([chores, replaying, ...running]);
      await hints.close();
    },
  };
}
