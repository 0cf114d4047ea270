// The channels of a site at work on this node: started, paused and stopped at run time, with the queue kept.

import { append as appendLeaves } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { asLockgateError, LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { type Environment, judge, subscriptionsOf, topicHandler, wireHandler } from "./channel.ts";
import { openIntake, receivedTopic } from "./intake.ts";
import { type Made, openMade } from "./made.ts";
import { type ChannelState, closeWindow, readChannels, registerChannel, setChannelState } from "./store.ts";
import type { ChannelDefinition, Inlet, OpenSender, RunningSource, Sender, StartSource } from "./types.ts";

const FOLLOW_EVERY_MS = 1_000;
const WINDOW_CHECK_EVERY_MS = 3_600_000;

export type ChannelsOptions = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly clock: Clock;
  readonly log: Log;
  readonly environment: Environment;
  readonly sources: Readonly<Record<string, StartSource>>;
  readonly senders: Readonly<Record<string, OpenSender>>;
  /** How long a control id may not be used again, in milliseconds. */
  readonly duplicateWindowMs: number;
};

export type Channels = {
  /** Where each channel listens on this node, for people. */
  addresses(): Record<string, string>;
  list(): Promise<ChannelState[]>;
  /** With `seen`, only where that is how it stands. @throws CHANNEL_UNKNOWN, PRECONDITION_FAILED */
  setState(
    name: string,
    state: ChannelState["state"],
    reason: string | null,
    actor: string,
    seen?: Pick<ChannelState, "state" | "reason">,
  ): Promise<void>;
  close(): Promise<void>;
};

/** Starts every channel as its recorded state says, and follows that state from then on. */
export async function openChannels(
  definitions: readonly ChannelDefinition[],
  options: ChannelsOptions,
): Promise<Channels> {
  const { db, backbone, clock, log } = options;
  const made = openMade();
  const intake = openIntake({ db, backbone, clock, made });
  const sources = new Map<string, RunningSource>();
  const senders: Sender[] = [];
  const subscriptions = definitions.flatMap((definition) => subscribe(definition, options, senders, made));
  const stopping = new AbortController();

  const inletOf = (definition: ChannelDefinition): Inlet => ({
    channel: definition.name,
    receive: (arrival) => intake.accept(judge(definition, arrival, options.environment, clock)),
    refuse: (fault, sender) => recordRefusal(db, clock, definition.name, fault.reason ?? fault.code, sender),
  });

  const follow = async (): Promise<void> => {
    const states = new Map((await readChannels(db)).map((channel) => [channel.name, channel.state]));
    for (const definition of definitions) {
      const wanted = states.get(definition.name) !== "stopped";
      const running = sources.get(definition.name);
      if (wanted && !running) {
        const start = options.sources[definition.source.connector];
        if (!start)
          throw new LockgateError("CONFIG_INVALID", {
            at: `channel ${definition.name}: connector ${definition.source.connector}`,
          });
        sources.set(definition.name, await start(definition.source.settings, inletOf(definition)));
      } else if (!wanted && running) {
        sources.delete(definition.name);
        await running.close();
      }
    }
  };

  for (const definition of definitions) {
    await registerChannel(db, definition.name);
    // A topic's number is learnt on a connection of its own; better now than from within a transaction that holds one.
    for (const topic of topicsOf(definition)) await backbone.numberOf(topic);
  }
  await follow();
  const following = followForever(follow, options, stopping.signal);

  return {
    addresses: () => Object.fromEntries([...sources].map(([name, source]) => [`channel ${name}`, source.address])),
    list: () => readChannels(db),
    async setState(name, state, reason, actor, seen) {
      const definition = definitions.find((one) => one.name === name);
      if (!definition) throw new LockgateError("CHANNEL_UNKNOWN", { at: name });
      await db.transaction(async (tx) => {
        const isSet = await setChannelState(tx, name, state, reason, seen);
        if (!isSet) throw new LockgateError(seen ? "PRECONDITION_FAILED" : "CHANNEL_UNKNOWN", { at: name });
        await appendLeaves(tx, [
          { at: new Date(clock.now()), part: name, name: `channel.${state}`, outcome: "ok", actor },
        ]);
      });
      const hold = state === "paused" ? (reason ?? "paused") : null;
      for (const { name: subscription } of subscriptionsOf(definition)) await backbone.pause(subscription, hold);
      await follow();
      log.info("channel changed", { channel: name, state });
    },
    async close() {
      stopping.abort();
      await following;
      await Promise.all([...sources.values()].map((source) => source.close()));
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
      await Promise.all(senders.map((sender) => sender.close()));
    },
  };
}

const topicsOf = (definition: ChannelDefinition): string[] => [
  receivedTopic(definition.name),
  ...Object.values(definition.destinations).flatMap((destination) =>
    destination.kind === "topic" ? [destination.topic] : [],
  ),
];

function subscribe(definition: ChannelDefinition, options: ChannelsOptions, senders: Sender[], made: Made) {
  return subscriptionsOf(definition).map(({ name, destinations }) => {
    const delivering = { definition, environment: options.environment, clock: options.clock };
    const destination = definition.destinations[destinations[0]!]!;
    if (destination.kind === "topic") {
      return options.backbone.subscribe({
        name,
        topic: receivedTopic(definition.name),
        handler: topicHandler(delivering, made),
        concurrency: 256,
      });
    }
    const open = options.senders[destination.connector];
    if (!open)
      throw new LockgateError("CONFIG_INVALID", {
        at: `channel ${definition.name}: connector ${destination.connector}`,
      });
    const sender = open(destination.settings);
    senders.push(sender);
    return options.backbone.subscribe({
      name,
      topic: receivedTopic(definition.name),
      handler: wireHandler(delivering, destinations[0]!, sender),
      concurrency: 64,
    });
  });
}

async function followForever(
  follow: () => Promise<void>,
  { db, clock, log, duplicateWindowMs }: ChannelsOptions,
  signal: AbortSignal,
): Promise<void> {
  let windowAt = 0;
  while (!signal.aborted) {
    await clock.sleep(FOLLOW_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      await follow();
      if (clock.now() < windowAt) continue;
      windowAt = clock.now() + WINDOW_CHECK_EVERY_MS;
      await closeWindow(db, duplicateWindowMs);
    } catch (error) {
      log.warn("channels could not follow their state", { error: asLockgateError(error) });
    }
  }
}

/** A refusal before intake has no journey; the audit still says that it happened. */
async function recordRefusal(db: Db, clock: Clock, channel: string, code: string, actor: string): Promise<void> {
  await db.transaction((tx) =>
    appendLeaves(tx, [{ at: new Date(clock.now()), part: channel, name: "received", outcome: "refused", code, actor }]),
  );
}
