// Work items at work: each deed of a person is one transaction under the item's lock, with its history and its leaf.

import { createHash } from "node:crypto";
import { append, canonicalJson } from "#engine/audit";
import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { openAbout } from "./about.ts";
import { openComments } from "./comments.ts";
import { openGroups } from "./groups/groups.ts";
import { type DoToItem, runGroups } from "./groups/run.ts";
import { handOn } from "./hand-on.ts";
import * as past from "./history/store.ts";
import {
  mayDecide,
  obstacleTo,
  permitted,
  raised,
  refuseClosed,
  refuseOthers,
  refuseUndecidable,
  waits,
} from "./judge.ts";
import { tendLate } from "./lateness.ts";
import * as store from "./store.ts";
import { decidedMessage, decidedOf, leafOf, lengthOf } from "./telling.ts";
import {
  type Decider,
  type Decision,
  type Item,
  type ItemSummary,
  type Joiner,
  WORK_DECIDED,
  type Work,
  type WorkOptions,
} from "./types.ts";
import { type Attempt, openLock } from "./under-lock.ts";

const TICK_EVERY_MS = 1_000;

/** Work items together with the chore that some node must run. */
export type RunningWork = Work & {
  /** Closes what has expired and escalates what is overdue, now. Every node may. @returns how many of each */
  tick(): Promise<{ expired: number; escalated: number }>;
  /** Ticks every second until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
};

/** What is to be in the same commit as a deed. */
type Besides = (tx: Tx) => Promise<void>;

/** Opens the work items of a database; any number of nodes may. */
export function openWork(options: WorkOptions): RunningWork {
  const { db, clock, log } = options;
  const instant = (): Date => new Date(clock.now());
  const comments = openComments(options);
  const joiners = new Map<string, Joiner>();

  const underLock = openLock(options);

  const claim = (id: string, attempt: Attempt, besides?: Besides): Promise<void> =>
    underLock(id, attempt, async (tx, item, at) => {
      const { decider } = attempt;
      refuseOthers(item, decider, at);
      const isRepeated = item.state === "claimed";
      if (!isRepeated) {
        void store.setState(tx, id, "claimed", decider.name);
        void past.insertDeed(tx, { itemId: id, at, deed: "claimed", by: decider.name });
      }
      await append(tx, [leafOf(item, "work.claimed", at, isRepeated ? "unchanged" : "ok", { actor: decider.name })]);
      await besides?.(tx);
    });

  const decide = async (id: string, decision: Decision, attempt: Attempt, besides?: Besides): Promise<ItemSummary> => {
    // A topic's number is learnt on a connection of its own; not from within a transaction that holds one.
    await options.backbone.numberOf(WORK_DECIDED);
    const item = await underLock(id, attempt, async (tx, locked, at) => {
      const join = joiners.get(locked.queue);
      const decided = await choose(tx, locked, attempt.decider, decision, at, { ...options, join });
      await besides?.(tx);
      return decided;
    });
    if (item.state === "decided") options.backbone.hint(WORK_DECIDED);
    return item;
  };

  /** Many comments of one person come one after the other: nothing to share a commit with. */
  const write = (id: string, comment: string, decider: Decider, besides: Besides): Promise<void> =>
    underLock(id, { name: "work.commented", decider }, async (tx, item, at) => {
      refuseClosed(item, at);
      void past.insertDeed(tx, { itemId: id, at, deed: "commented", by: decider.name, comment });
      const more = { actor: decider.name, detail: lengthOf(comment) };
      await append(tx, [leafOf(item, "work.commented", at, "ok", more)]);
      await besides(tx);
    });

  const doToItem: DoToItem = async ({ id, digest }, { deed, action, comment, by: decider }, besides) => {
    if (deed === "claim") return claim(id, { name: "work.claimed", decider }, besides);
    if (deed === "comment") return write(id, comment ?? "", decider, besides);
    const decision = { action: action ?? "", digest, comment };
    await decide(id, decision, { name: "work.chosen", decider, action: decision.action }, besides);
  };

  return {
    async open(tx, id, item) {
      refuseUndecidable(item);
      const content = canonicalContent(item.content);
      const at = instant();
      void store.insertItem(tx, id, item, content, at);
      const { criticality, reason } = item;
      const about = { id, queue: item.queue, journeyId: item.journeyId, digest: content.digest };
      await append(tx, [leafOf(about, "work.opened", at, "waiting", { detail: { criticality, reason } })]);
    },

    join: (queue, joiner) => void joiners.set(queue, joiner),

    async withdraw(tx, id, reason) {
      const item = await store.lockItem(tx, id);
      if (!item || !waits(item)) return false;
      await withdraw(tx, [item], reason, instant());
      return true;
    },

    async withdrawAbout(tx, subject, reason) {
      const items = await store.lockAbout(tx, subject);
      await withdraw(tx, items, reason, instant());
      return items.length;
    },

    async list({ state, most, behind, ...filter }) {
      if (state !== undefined) return store.listItems(db, state, filter, most, behind);
      const isAmongClosed = behind !== undefined && !waits(behind);
      const waiting = isAmongClosed ? [] : await store.listItems(db, "waiting", filter, most, behind);
      if (waiting.length === most) return waiting;
      const closed = await store.listItems(
        db,
        "closed",
        filter,
        most - waiting.length,
        isAmongClosed ? behind : undefined,
      );
      return [...waiting, ...closed];
    },

    decisions: (ids) => past.readDecisions(db, ids),

    countWaiting: () => store.countWaiting(db, instant()),

    countAbout: (queue) => store.countAbout(db, queue),

    about: openAbout(db),

    async standing(id, decider, action) {
      const item = await store.readItem(db, id);
      if (!item) throw new LockgateError("WORK_UNKNOWN", { at: id });
      const obstacle = obstacleTo(item, decider, instant(), action);
      const isBlind = !obstacle && item.blind && (await past.hasChosenBeside(db, item, decider.name));
      const roles = [...new Set(item.actions.flatMap((one) => ((action ?? one.name) === one.name ? one.roles : [])))];
      return { obstacle: isBlind ? "blind" : obstacle, roles };
    },

    async show(id, reader) {
      const actor = reader.name;
      const seen = await db.transaction(async (tx) => {
        const item = await store.readItem(tx, id);
        if (!item) throw new LockgateError("WORK_UNKNOWN", { at: id });
        if (!waits(item) && (await blindTo(tx, reader, [item.journeyId])).size > 0) {
          await append(tx, [leafOf(item, "work.shown", instant(), "refused", { actor, code: "WORK_FORBIDDEN" })]);
          return undefined;
        }
        const history = await past.readHistory(tx, id);
        await append(tx, [leafOf(item, "work.shown", instant(), "ok", { actor })]);
        return shown(item, history);
      });
      if (!seen) throw new LockgateError("WORK_FORBIDDEN", { at: id, reason: "blind" });
      return seen;
    },

    blindTo: (reader, journeyIds) => blindTo(db, reader, journeyIds),

    claim: (id, decider, seen) => claim(id, { name: "work.claimed", decider, seen }),

    release: (id, decider, seen) =>
      underLock(id, { name: "work.released", decider, seen }, async (tx, item, at) => {
        refuseOthers(item, decider, at);
        if (item.state !== "claimed") throw new LockgateError("WORK_STATE", { at: id, reason: "not claimed" });
        void store.setState(tx, id, "open", null);
        void past.insertDeed(tx, { itemId: id, at, deed: "released", by: decider.name });
        await append(tx, [leafOf(item, "work.released", at, "ok", { actor: decider.name })]);
      }),

    comment: (itemId, { name: by }, comment, seen, access) => comments({ itemId, by, comment, seen, access }),

    async escalate(id, decider, comment, seen) {
      const { queue, journeyId, reason } = await underLock(
        id,
        { name: "work.escalated", decider, seen },
        async (tx, item, at) => {
          refuseClosed(item, at);
          const criticality = raised(item.criticality);
          void store.raiseItem(tx, id, criticality, at);
          void store.setState(tx, id, "open", null);
          void past.insertDeed(tx, { itemId: id, at, deed: "escalated", by: decider.name, comment });
          const more = { actor: decider.name, detail: { criticality, ...lengthOf(comment) } };
          await append(tx, [leafOf(item, "work.escalated", at, "ok", more)]);
          return item;
        },
      );
      log.warn("work item escalated", { item: id, queue, reason, journey: journeyId });
    },

    ...handOn(underLock),

    decide: (id, decider, decision, seen) =>
      decide(id, decision, { name: "work.chosen", decider, action: decision.action, seen }),

    groups: openGroups(options),
    tick: () => tendLate(options),
    async run(signal) {
      const grouping = runGroups({ db, id: newId(), clock, log, rolesOf: options.rolesOf, doToItem }, signal);
      while (!signal.aborted) {
        await tendLate(options).catch((error: unknown) => log.warn("late work items could not be tended", { error }));
        await clock.sleep(TICK_EVERY_MS, signal);
      }
      await grouping;
    },
  };
}

/** The text that is stored and decided on, and its digest: SHA-256, 64 hexadecimal digits. */
function canonicalContent(content: unknown): { text: string; digest: string } {
  // By way of JSON, so that a date or an absent member reads as it will be shown.
  const text = canonicalJson(JSON.parse(JSON.stringify(content ?? null)));
  return { text, digest: createHash("sha256").update(text).digest("hex") };
}

async function withdraw(tx: Tx, items: readonly store.ItemRow[], reason: string, at: Date): Promise<void> {
  for (const { id } of items) {
    void store.setState(tx, id, "withdrawn");
    void past.insertDeed(tx, { itemId: id, at, deed: "withdrawn", comment: reason });
  }
  await append(
    tx,
    items.map((item) => leafOf(item, "work.withdrawn", at, "withdrawn")),
  );
}

async function blindTo(db: Queryable, reader: Decider, journeyIds: readonly string[]): Promise<ReadonlySet<string>> {
  const blind = await store.readBlind(db, journeyIds);
  return new Set(blind.flatMap((item) => (mayDecide(item, reader) ? [item.journeyId] : [])));
}

/** Records the choice of `decider`; with the quorum reached, closes the item and tells the asker. */
async function choose(
  tx: Tx,
  item: store.ItemRow,
  decider: Decider,
  decision: Decision,
  at: Date,
  { backbone, join }: WorkOptions & { readonly join: Joiner | undefined },
): Promise<ItemSummary> {
  const action = permitted(item, decider, decision, at);
  if (item.blind && (await past.hasChosenBeside(tx, item, decider.name)))
    throw new LockgateError("WORK_FORBIDDEN", { at: item.id, reason: "blind" });
  const earlier = await past.readChoices(tx, item.id, action.name);
  const isRepeated = earlier.some(({ name }) => name === decider.name);
  const { name: by, roles } = decider;
  const { comment } = decision;
  const refused = [...new Set(decision.refused)].sort();
  const common = { itemId: item.id, at, by };
  if (!isRepeated) void past.insertDeed(tx, { ...common, deed: "chose", roles, action: action.name, refused, comment });
  else if (comment !== undefined) void past.insertDeed(tx, { ...common, deed: "commented", comment });
  const choices = isRepeated ? earlier : [...earlier, { name: by, roles, at, refused, comment }];
  const more = { actor: by, detail: { action: action.name, chosenBy: choices.length, quorum: action.quorum } };
  const chosen = leafOf(item, "work.chosen", at, isRepeated ? "unchanged" : "ok", {
    ...more,
    detail: { ...more.detail, ...(refused.length > 0 ? { refused: refused.join(" ") } : {}), ...lengthOf(comment) },
  });
  if (choices.length < action.quorum) {
    // Whoever had claimed it has said what there was to say: now it is the others' turn.
    void store.setState(tx, item.id, "open", null);
    await append(tx, [chosen]);
    return { ...summaryOf(item), state: "open", owner: undefined };
  }
  void store.setState(tx, item.id, "decided");
  void past.insertDeed(tx, { ...common, deed: "decided", action: action.name });
  const decided = decidedOf(item, action.name, choices);
  await join?.(tx, decided);
  await backbone.publish(tx, [decidedMessage(item, decided)]);
  await append(tx, [chosen, leafOf(item, "work.decided", at, "ok", more)]);
  return { ...summaryOf(item), state: "decided" };
}

/** An item without what only its decider sees. */
const summaryOf = (item: store.ItemRow): ItemSummary => ({
  id: item.id,
  state: item.state,
  queue: item.queue,
  domain: item.domain,
  reason: item.reason,
  criticality: item.criticality,
  title: item.title,
  journeyId: item.journeyId,
  owner: item.owner,
  openedAt: item.openedAt,
  dueAt: item.dueAt,
  expiresAt: item.expiresAt,
  escalatedAt: item.escalatedAt,
  inquiredAt: item.inquiredAt,
  inquiredBy: item.inquiredBy,
  digest: item.digest,
  actions: item.actions,
});

const shown = (item: store.ItemRow, history: Item["history"]): Item => ({
  ...summaryOf(item),
  content: JSON.parse(item.content),
  tried: item.tried,
  excluded: item.excluded,
  subject: item.subject,
  history,
});
