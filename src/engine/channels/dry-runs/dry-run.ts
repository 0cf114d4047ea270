// A channel's past messages judged by two of its definitions, with no effect: which outcomes would change.

import { append } from "#engine/audit";
import { messagesBack, type Stretch } from "#engine/backbone";
import type { Db } from "#kernel/db";
import { type Environment, type Outcome, outcomeOf } from "../channel.ts";
import { receivedTopic } from "../intake.ts";
import { countTakenIn } from "../store.ts";
import type { ChannelDefinition } from "../types.ts";
import { changesBetween, type Side } from "./compare.ts";
import { keepDryRun } from "./store.ts";
import type { Change, ChangeKind, Difference, DryRun, Tally } from "./types.ts";

/** What is tried, and on what. */
export type DryRunAsked = Stretch & {
  readonly deployed: ChannelDefinition;
  readonly tried: ChannelDefinition;
  readonly environment: Environment;
};

const MOST_DIFFERENCES = 200;
const MOST_PATHS = 200;

/**
 * Judges again what the deployed channel took in, newest first and one at a time. What went nowhere was not kept, and is
 * counted only. Whatever the tried definition does wrong is a difference of that message.
 */
export async function dryRun(db: Db, { deployed, tried, environment, since, until }: DryRunAsked): Promise<Tally> {
  const received = await countTakenIn(db, deployed.name, since, until);
  const byKind = new Map<ChangeKind, number>();
  const byPath = new Map<string, number>();
  const differences: Difference[] = [];
  let [messages, changed] = [0, 0];
  for await (const { journeyId, at, body } of messagesBack(db, receivedTopic(deployed.name), { since, until })) {
    messages += 1;
    const side = (definition: ChannelDefinition): Side => ({
      definition,
      outcome: soundOutcome(definition, body, environment, at),
    });
    const changes = changesBetween(body, side(deployed), side(tried));
    if (changes.length === 0) continue;
    changed += 1;
    count(changes, byKind, byPath);
    if (differences.length < MOST_DIFFERENCES) differences.push({ journeyId, at, changes });
  }
  return {
    // What came while it was counted is no reason to tell of fewer than were judged.
    received: Math.max(received, messages),
    messages,
    changed,
    byKind: Object.fromEntries(byKind),
    byPath: Object.fromEntries(byPath),
    differences,
  };
}

/** Keeps a dry run as it was found, with a leaf that names the texts by their digests. */
export const recordDryRun = (db: Db, channel: string, run: DryRun): Promise<void> =>
  db.transaction(async (tx) => {
    const { id, at, by, deployed, digest, messages, changed } = run;
    await keepDryRun(tx, channel, run);
    const detail = { run: id, deployed, digest, messages, changed };
    await append(tx, [{ at, part: channel, name: "channel.tried", outcome: "ok", actor: by, detail }]);
  });

/** Types bind whoever writes a channel only as far as they were checked: what is no outcome is a fault of the code. */
function soundOutcome(
  definition: ChannelDefinition,
  body: Buffer,
  environment: Environment,
  receivedAt: Date,
): Outcome {
  const outcome = outcomeOf(definition, body, environment, receivedAt);
  const { session, keys, outgoing, fault } = outcome;
  const isSound =
    [session, fault?.at, fault?.reason].every((text) => text === undefined || typeof text === "string") &&
    Array.isArray(keys) &&
    keys.every((key) => typeof key?.kind === "string" && typeof key.value === "string") &&
    Array.isArray(outgoing) &&
    outgoing.every((out) => typeof out?.to === "string" && out.body instanceof Uint8Array);
  if (isSound) return outcome;
  return { session: undefined, keys: [], outgoing: [], fault: { code: "CHANNEL_TRANSFORM_FAILED" } };
}

function count(changes: readonly Change[], byKind: Map<ChangeKind, number>, byPath: Map<string, number>): void {
  for (const { kind, paths } of changes) {
    byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    for (const path of paths)
      if (byPath.has(path) || byPath.size < MOST_PATHS) byPath.set(path, (byPath.get(path) ?? 0) + 1);
  }
}
