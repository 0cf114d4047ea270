// Bulk replay as people steer it: fix the targets, start exactly these, pause, resume, cancel, look.

import { createHash } from "node:crypto";
import { append, type Leaf } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import * as store from "./store.ts";
import { type Replay, type Replays, replayItemStates } from "./types.ts";

export const PART = "backbone";
const MOST_TARGETS = 10_000;

type Deed = "previewed" | "started" | "paused" | "resumed" | "cancelled";

/** Opens the replays of a database; any number of nodes may. */
export function openReplays({ db, clock }: { readonly db: Db; readonly clock: Clock }): Replays {
  const leaf = (deed: Deed, actor: string, detail: NonNullable<Leaf["detail"]>): Leaf => ({
    at: new Date(clock.now()),
    part: PART,
    name: `replay.${deed}`,
    outcome: "ok",
    actor,
    detail,
  });

  const show = async (id: string): Promise<Replay> => {
    const row = await store.readReplay(db, id);
    if (!row) throw new LockgateError("REPLAY_UNKNOWN", { at: id });
    return replayOf(row);
  };

  const steer = async (
    id: string,
    deed: "paused" | "resumed" | "cancelled",
    from: readonly Replay["state"][],
    actor: string,
    move: (tx: Tx) => Promise<void>,
  ): Promise<Replay> => {
    await db.transaction(async (tx) => {
      await locked(tx, id, from);
      await move(tx);
      await append(tx, [leaf(deed, actor, { replay: id })]);
    });
    return show(id);
  };

  return {
    async preview(filter, actor) {
      const targets = await store.readTargets(db, { ...filter, most: Math.min(filter.most, MOST_TARGETS) });
      const replay = { id: newId(), digest: digestOf(targets), previewedBy: actor, previewedAt: new Date(clock.now()) };
      await db.transaction(async (tx) => {
        await store.insertReplay(tx, replay, filter, targets);
        await append(tx, [
          leaf("previewed", actor, { replay: replay.id, targets: targets.length, digest: replay.digest }),
        ]);
      });
      return show(replay.id);
    },

    async start(id, { digest, perSecond, reason }, actor) {
      await db.transaction(async (tx) => {
        const found = await locked(tx, id, ["previewed"]);
        if (found.digest !== digest) throw new LockgateError("REPLAY_STALE", { at: id });
        await store.startReplay(tx, id, { perSecond, reason, by: actor, since: new Date(clock.now()) });
        await append(tx, [leaf("started", actor.name, { replay: id, targets: found.targets, digest, perSecond })]);
      });
      return show(id);
    },

    pause: (id, actor) => steer(id, "paused", ["running"], actor, (tx) => store.pauseReplay(tx, id, null)),
    resume: (id, actor) =>
      steer(id, "resumed", ["paused"], actor.name, (tx) =>
        store.resumeReplay(tx, id, { by: actor, since: new Date(clock.now()) }),
      ),
    cancel: (id, actor) => steer(id, "cancelled", ["running", "paused"], actor, (tx) => store.cancelReplay(tx, id)),
    show,
    async items(id, { after, most, state }) {
      await show(id);
      return store.readItems(db, id, after, most, state);
    },
    list: async (most) => (await store.listReplays(db, most)).map(replayOf),
  };
}

/** Locks a job that is in one of these states. @throws REPLAY_UNKNOWN, REPLAY_STATE */
async function locked(tx: Tx, id: string, states: readonly Replay["state"][]) {
  const found = await store.lockReplay(tx, id);
  if (!found) throw new LockgateError("REPLAY_UNKNOWN", { at: id });
  if (!states.includes(found.state)) throw new LockgateError("REPLAY_STATE", { at: id, reason: found.state });
  return found;
}

/** Of exactly these letters in this order. */
const digestOf = (targets: readonly store.Target[]): string =>
  createHash("sha256")
    .update(targets.map(({ subscription, position }) => `${subscription} ${position}\n`).join(""))
    .digest("hex");

const replayOf = ({ counts, ...row }: store.ReplayRow): Replay => ({
  ...row,
  counts: Object.fromEntries(replayItemStates.map((state) => [state, counts[state] ?? 0])) as Replay["counts"],
});
