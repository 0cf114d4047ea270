// One channel: judges what comes in, and delivers it to each of its destinations.

import { createHash } from "node:crypto";
import type { Leaf } from "#engine/audit";
import type { Envelope, Handler, NewMessage, Settlement } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import { asLockgateError } from "#kernel/errors";
import type { Judged } from "./intake.ts";
import type { Made } from "./made.ts";
import type { Arrival, BusinessKey, ChannelDefinition, Fault, Outgoing, Sender } from "./types.ts";

/** The part of the configuration that transformations see. */
export type Environment = "live" | "test";

const faultOf = (thrown: unknown): Fault => {
  const { code, at, reason } = asLockgateError(thrown);
  return {
    code: code === "INTERNAL" ? "CHANNEL_TRANSFORM_FAILED" : code,
    ...(at ? { at } : {}),
    ...(reason ? { reason } : {}),
  };
};

/** What a site's functions make of a message: the same at intake, at each delivery and at a replay. */
function route(
  definition: ChannelDefinition,
  message: unknown,
  environment: Environment,
  receivedAt: Date,
): readonly Outgoing[] {
  if (definition.filter && !definition.filter(message)) return [];
  const output = definition.transform(message, { channel: definition.name, environment, receivedAt });
  return definition.route(output, message);
}

const LONGEST_INDEXED_CHARS = 200;

/** PostgreSQL's text has no NUL and its indexes hold no long one; a sender's may. A long one goes by its hash. */
const storable = (text: string): string =>
  text.length > LONGEST_INDEXED_CHARS
    ? `sha256:${createHash("sha256").update(text).digest("hex")}`
    : text.replaceAll("\0", "\u2400");

/** What a channel's functions come to on bytes. */
export type Outcome = {
  readonly session: string | undefined;
  /** What was found before the fault, where there is one. */
  readonly keys: readonly BusinessKey[];
  readonly outgoing: readonly Outgoing[];
  readonly fault?: Fault;
};

/** Runs a channel's functions on bytes, with no effect. Never throws: a fault is part of the outcome. */
export function outcomeOf(
  definition: ChannelDefinition,
  bytes: Uint8Array,
  environment: Environment,
  receivedAt: Date,
): Outcome {
  let keys: readonly BusinessKey[] = [];
  try {
    const message = definition.format.parse(bytes);
    keys = (definition.keys?.(message) ?? []).map(({ kind, value }) => ({ kind, value: storable(value) }));
    const outgoing = route(definition, message, environment, receivedAt);
    const session = definition.session?.(message);
    return { session: session && storable(session), keys, outgoing };
  } catch (thrown) {
    // Without a session: a message that cannot be understood must not hold up the ones that can.
    return { session: undefined, keys, outgoing: [], fault: faultOf(thrown) };
  }
}

/** Judges an arrival before it is stored. Never throws: a fault is part of the judgement. */
export function judge(definition: ChannelDefinition, arrival: Arrival, environment: Environment, clock: Clock): Judged {
  const { session, keys, outgoing, fault }: Outcome = arrival.fault
    ? { session: undefined, keys: [], outgoing: [], fault: arrival.fault }
    : outcomeOf(definition, arrival.bytes, environment, new Date(clock.now()));
  const judged = {
    arrival: {
      ...arrival,
      sender: storable(arrival.sender),
      ...(arrival.controlId ? { controlId: storable(arrival.controlId) } : {}),
    },
    channel: definition.name,
    contentType: definition.format.contentType,
    session,
    keys,
  };
  if (!fault) return { ...judged, deliveries: outgoing.length, faults: [], outgoing };
  const faults = definition.acknowledge === "stored" ? [] : [fault];
  return { ...judged, deliveries: subscriptionsOf(definition).length, faults };
}

/** The subscriptions of a channel: one for all its topics together, one for each wire, so that no wire waits for another. */
export function subscriptionsOf(definition: ChannelDefinition): { name: string; destinations: string[] }[] {
  const named = Object.entries(definition.destinations);
  const topics = named.filter(([, destination]) => destination.kind === "topic").map(([name]) => name);
  const wires = named.filter(([, destination]) => destination.kind === "wire").map(([name]) => name);
  return [
    ...(topics.length > 0 ? [{ name: definition.name, destinations: topics }] : []),
    ...wires.map((name) => ({ name: `${definition.name}.${name}`, destinations: [name] })),
  ];
}

type Delivering = { readonly definition: ChannelDefinition; readonly environment: Environment; readonly clock: Clock };

const leaf = (clock: Clock, part: string, name: string, message: Envelope, attempt: number, ends: boolean): Leaf => ({
  at: new Date(clock.now()),
  part,
  name,
  outcome: "ok",
  journeyId: message.journeyId,
  ...(attempt > 1 ? { attempt } : {}),
  ...(ends ? { detail: { ends } } : {}),
});

/** Publishes what the channel makes of a message on its topics, in the commit that completes it. */
export function topicHandler({ definition, environment, clock }: Delivering, made: Made): Handler {
  return async (message, { attempt }): Promise<Settlement> => {
    const outgoing =
      made.take(message.journeyId) ?? route(definition, definition.format.parse(message.body), environment, message.at);
    const publish = outgoing.flatMap((out): NewMessage[] => {
      const destination = definition.destinations[out.to];
      if (destination?.kind !== "topic") return [];
      return [
        {
          topic: destination.topic,
          session: out.session ?? message.session,
          journeyId: message.journeyId,
          body: out.body,
          contentType: out.contentType,
          source: definition.name,
          causationId: String(message.position),
          traceparent: message.traceparent,
        },
      ];
    });
    return {
      settle: "complete",
      publish,
      leaves: publish.length > 0 ? [leaf(clock, definition.name, "transformed", message, attempt, false)] : [],
    };
  };
}

/** Sends what the channel makes of a message on one wire. */
export function wireHandler({ definition, environment, clock }: Delivering, name: string, sender: Sender): Handler {
  const part = `${definition.name}.${name}`;
  return async (message, { attempt }): Promise<Settlement> => {
    const outgoing = route(definition, definition.format.parse(message.body), environment, message.at);
    const own = outgoing.filter((out) => out.to === name);
    for (const out of own) await sender.send(out.body);
    return { settle: "complete", leaves: own.map(() => leaf(clock, part, "delivered", message, attempt, true)) };
  };
}
