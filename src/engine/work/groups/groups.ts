// Groups as people steer them: fix the items, start exactly these, pause, resume, cancel, look.

import { createHash } from "node:crypto";
import { append, type Leaf } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import * as store from "./store.ts";
import { type Groups, groupItemStates, type NewGroup, type WorkGroup } from "./types.ts";

export const PART = "work";
const MOST_TARGETS = 1_000;
/** To choose these, one has to have looked at whom an item is about. */
const NEEDS_A_LOOK = /^(approve|link|new|same|different|unlink|agree|replace|uphold|justified|unjustified)/;

/** Opens the groups of a database; any number of nodes may. */
export function openGroups({ db, clock }: { readonly db: Db; readonly clock: Clock }): Groups {
  const now = () => new Date(clock.now());
  const note = (tx: Tx, deed: string, actor: string, detail: NonNullable<Leaf["detail"]>) =>
    append(tx, [{ at: now(), part: PART, name: `work-group.${deed}`, outcome: "ok", actor, detail }]);

  const show = async (id: string): Promise<WorkGroup> => {
    const row = await store.readGroup(db, id);
    if (!row) throw new LockgateError("GROUP_UNKNOWN", { at: id });
    const counts = groupItemStates.map((state) => [state, row.counts[state] ?? 0]);
    return { ...row, counts: Object.fromEntries(counts) as WorkGroup["counts"] };
  };
  const change = async (
    id: string,
    from: readonly WorkGroup["state"][],
    work: (tx: Tx, group: NonNullable<Awaited<ReturnType<typeof store.lockGroup>>>) => Promise<unknown>,
  ): Promise<WorkGroup> => {
    await db.transaction(async (tx) => {
      const group = await store.lockGroup(tx, id);
      if (!group) throw new LockgateError("GROUP_UNKNOWN", { at: id });
      if (!from.includes(group.state)) throw new LockgateError("GROUP_STATE", { at: id, reason: group.state });
      await work(tx, group);
    });
    return show(id);
  };

  return {
    candidates: (filter, action) => store.readCandidates(db, filter, action, MOST_TARGETS),

    async preview(group, actor) {
      const { deed, action } = group;
      if ((deed === "decide") !== (action !== undefined)) throw new LockgateError("REQUEST_INVALID", { at: "action" });
      if (action !== undefined && NEEDS_A_LOOK.test(action)) throw new LockgateError("GROUP_UNFIT", { at: "action" });
      const fixed = { id: newId(), digest: digestOf(group), previewedBy: actor, previewedAt: now() };
      await db.transaction(async (tx) => {
        await store.insertGroup(tx, fixed, group);
        const { id, digest } = fixed;
        await note(tx, "previewed", actor, { group: id, queue: group.queue, targets: group.targets.length, digest });
      });
      return show(fixed.id);
    },

    start: (id, { digest, comment }, decider) =>
      change(id, ["previewed"], async (tx, group) => {
        if (group.digest !== digest) throw new LockgateError("GROUP_STALE", { at: id });
        if (group.deed === "comment" && !comment) throw new LockgateError("REQUEST_INVALID", { at: "comment" });
        void store.startGroup(tx, id, { by: decider, since: now(), comment });
        const { targets, deed, action } = group;
        await note(tx, "started", decider.name, { group: id, targets, digest, deed, ...(action ? { action } : {}) });
      }),
    pause: (id, actor) =>
      change(id, ["running"], async (tx) => {
        void store.pauseGroup(tx, id, null);
        await note(tx, "paused", actor, { group: id });
      }),
    resume: (id, decider) =>
      change(id, ["paused"], async (tx) => {
        void store.resumeGroup(tx, id, { by: decider, since: now() });
        await note(tx, "resumed", decider.name, { group: id });
      }),
    cancel: (id, actor) =>
      change(id, ["running", "paused"], async (tx) => {
        void store.endGroup(tx, id, "cancelled", now());
        await note(tx, "cancelled", actor, { group: id });
      }),
    show,
    async items(id, { after, most }) {
      await show(id);
      return store.readTargets(db, id, after, most);
    },
  };
}

/** Of exactly these items with exactly these contents, and of what is done to them. */
const digestOf = ({ deed, action = "", targets }: NewGroup): string =>
  createHash("sha256")
    .update(`${deed} ${action}\n${targets.map(({ id, digest }) => `${id} ${digest}\n`).join("")}`)
    .digest("hex");
