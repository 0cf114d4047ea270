// The test bench: what a channel would make of a message, step by step, without taking it in.

import { asLockgateError, type ErrorCode } from "#kernel/errors";
import { type Environment, subscriptionsOf } from "./channel.ts";
import type { ChannelDefinition } from "./types.ts";

/** One step. `skipped`: the one before ended it. */
export type BenchStep = {
  readonly name: "parse" | "filter" | "transform" | "route";
  readonly outcome: "ok" | "failed" | "filtered" | "skipped";
  readonly code?: ErrorCode;
  readonly at?: string;
  readonly reason?: string;
};

/** What would become of it. Holds what the message says. */
export type Tried = {
  readonly steps: readonly BenchStep[];
  /** Whether the sender would get a positive answer. */
  readonly isAccepted: boolean;
  /** By how many subscriptions it would be worked. */
  readonly subscriptions: number;
  /** The kinds of names that its journey could be found by. */
  readonly keys: readonly string[];
  /** Whether its order would be kept with others of the same session. */
  readonly isOrdered: boolean;
  readonly outgoing: readonly {
    readonly to: string;
    /** The topic or the wire's connector. */
    readonly destination: string;
    readonly contentType: string;
    readonly body: string;
  }[];
};

const STEPS = ["parse", "filter", "transform", "route"] as const;

/** Runs a channel's functions on bytes: nothing is stored, sent or published. Never throws: a fault is part of the answer. */
export function tryMessage(
  definition: ChannelDefinition,
  bytes: Uint8Array,
  { environment, receivedAt }: { readonly environment: Environment; readonly receivedAt: Date },
): Tried {
  const steps: BenchStep[] = [];
  const step = <T>(name: BenchStep["name"], work: () => T): T => {
    const made = work();
    steps.push({ name, outcome: "ok" });
    return made;
  };
  const told: { -readonly [Name in "keys" | "isOrdered" | "outgoing"]: Tried[Name] } = {
    keys: [],
    isOrdered: false,
    outgoing: [],
  };
  try {
    const message = step("parse", () => definition.format.parse(bytes));
    told.keys = [...new Set((definition.keys?.(message) ?? []).map(({ kind }) => kind))];
    told.isOrdered = definition.session?.(message) !== undefined;
    if (definition.filter && !definition.filter(message)) steps.push({ name: "filter", outcome: "filtered" });
    else {
      steps.push({ name: "filter", outcome: "ok" });
      const context = { channel: definition.name, environment, receivedAt };
      const output = step("transform", () => definition.transform(message, context));
      const outgoing = step("route", () => definition.route(output, message));
      told.outgoing = outgoing.map(({ to, body, contentType }) => {
        const destination = definition.destinations[to];
        const named = destination?.kind === "topic" ? destination.topic : (destination?.connector ?? "nowhere");
        return { to, destination: named, contentType, body: Buffer.from(body).toString("utf8") };
      });
    }
  } catch (thrown) {
    const { code, at, reason } = asLockgateError(thrown);
    const name = STEPS[steps.length] ?? "route";
    steps.push({
      name,
      outcome: "failed",
      code: code === "INTERNAL" ? "CHANNEL_TRANSFORM_FAILED" : code,
      ...(at ? { at } : {}),
      ...(reason ? { reason } : {}),
    });
  }
  const isFailed = steps.some(({ outcome }) => outcome === "failed");
  const rest = STEPS.slice(steps.length).map((name) => ({ name, outcome: "skipped" as const }));
  return {
    steps: [...steps, ...rest],
    isAccepted: !isFailed || definition.acknowledge === "stored",
    subscriptions: isFailed || told.outgoing.length > 0 ? subscriptionsOf(definition).length : 0,
    ...told,
  };
}
