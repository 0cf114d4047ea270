// A journey as people and machines read it: its milestones from the audit, its state from what is still open.

import { journeyLeaves, type StoredLeaf } from "#engine/audit";
import type { Backbone, Parked } from "#engine/backbone";
import { type BusinessKey, findRoots, type JourneyRoot, readKeys, readRoot } from "#engine/channels";
import { readLinks } from "#engine/resubmissions";
import type { ItemSummary, Work } from "#engine/work";
import type { Db } from "#kernel/db";
import { isId } from "#kernel/ids";

/** One thing that happened on a journey. */
export type Milestone = {
  readonly at: Date;
  readonly part: string;
  readonly name: string;
  readonly outcome: string;
  readonly code?: string;
  readonly attempt?: number;
};

/**
 * - `running`: something is still to come by itself.
 * - `waiting`: a person must act.
 * - `complete`: every strand has come to its end.
 */
export type JourneyState = "running" | "waiting" | "complete";

/** All that descends from one intake. */
export type Journey = {
  readonly id: string;
  readonly state: JourneyState;
  readonly channel: string;
  /** Who sent it, or asked for it. */
  readonly sender: string;
  readonly receivedAt: Date;
  /** The journey whose message was mended to begin this one. */
  readonly resubmissionOf?: string;
  /** The journey that its mended message began. */
  readonly resubmittedAs?: string;
  readonly businessKeys: readonly BusinessKey[];
  readonly milestones: readonly Milestone[];
  /** What stands in the way: a dead letter, or a message that waits for its next attempt. */
  readonly open: readonly {
    readonly subscription: string;
    readonly position: number;
    readonly state: string;
    readonly reason?: string;
    readonly nextAt?: Date;
  }[];
  /** What a person is asked. */
  readonly work: readonly Pick<ItemSummary, "id" | "queue" | "title" | "reason" | "state" | "owner" | "dueAt">[];
};

/** Where journeys are read from. */
export type JourneySources = { readonly db: Db; readonly backbone: Backbone; readonly work: Work };

const MOST_FOUND = 20;
const MOST_OPEN = 50;

/** Journeys that go by `key` (journey id, control id or business key), newest first. */
export async function findJourneys(sources: JourneySources, key: string): Promise<Journey[]> {
  const { db } = sources;
  const byId = isId(key) ? await readRoot(db, key) : undefined;
  const roots = byId ? [byId] : await findRoots(db, key.trim(), MOST_FOUND);
  return Promise.all(roots.map((root) => journeyOf(sources, root)));
}

/** Other journeys that go by a business key of that one, of one of those kinds; the newest first. */
export async function relatedJourneys(
  sources: JourneySources,
  id: string,
  kinds: readonly BusinessKey["kind"][],
): Promise<Journey[]> {
  const { db } = sources;
  const keys = (await readKeys(db, id)).filter(({ kind }) => kinds.includes(kind));
  const found = await Promise.all(keys.map(({ value }) => findRoots(db, value, MOST_FOUND)));
  const others = new Map(found.flat().flatMap((root) => (root.journeyId === id ? [] : [[root.journeyId, root]])));
  const newest = [...others.values()].sort((one, other) => other.receivedAt.getTime() - one.receivedAt.getTime());
  return Promise.all(newest.slice(0, MOST_FOUND).map((root) => journeyOf(sources, root)));
}

/** The journey of that id. */
export async function readJourney(sources: JourneySources, id: string): Promise<Journey | undefined> {
  const root = await readRoot(sources.db, id);
  return root && journeyOf(sources, root);
}

/** A channel may keep a key with its authority and without, `RXX:4711` and `4711`, to be found by either: one is shown. */
const isToldByAnother = ({ kind, value }: BusinessKey, all: readonly BusinessKey[]): boolean =>
  all.some((other) => other.kind === kind && other.value.endsWith(`:${value}`));

async function journeyOf({ db, backbone, work }: JourneySources, root: JourneyRoot): Promise<Journey> {
  const { journeyId } = root;
  const [leaves, parked, keys, asked, links] = await Promise.all([
    journeyLeaves(db, journeyId),
    backbone.parked({ journeyId, most: MOST_OPEN }),
    readKeys(db, journeyId),
    work.list({ journeyId, state: "waiting", most: MOST_OPEN }),
    readLinks(db, journeyId),
  ]);
  const open = parked.filter((one) => one.state !== "dismissed");
  return {
    id: root.journeyId,
    state: asked.length > 0 ? "waiting" : stateOf(root, leaves, open),
    channel: root.channel,
    sender: root.sender,
    receivedAt: root.receivedAt,
    ...(links.of ? { resubmissionOf: links.of } : {}),
    ...(links.as ? { resubmittedAs: links.as } : {}),
    businessKeys: [{ kind: "controlId", value: root.controlId }, ...keys.filter((key) => !isToldByAnother(key, keys))],
    milestones: leaves.map(milestoneOf),
    open: open.map((one) => ({
      subscription: one.subscription,
      position: one.position,
      state: one.state,
      ...(one.reason ? { reason: one.reason } : {}),
      ...(one.state === "waiting" ? { nextAt: one.nextAt } : {}),
    })),
    work: asked.map(({ id, queue, title, reason, state, owner, dueAt }) => ({
      id,
      queue,
      title,
      reason,
      state,
      owner,
      dueAt,
    })),
  };
}

function stateOf(root: JourneyRoot, leaves: readonly StoredLeaf[], open: readonly Parked[]): JourneyState {
  if (open.some((one) => one.state === "dead")) return "waiting";
  return isComplete(root.deliveries, leaves) ? "complete" : "running";
}

/**
 * Whether every strand of a journey has ended: those it began with and those that leaves say were opened since. A strand
 * ends by a leaf that says so, or by a dead letter that a person dismissed.
 */
export function isComplete(strands: number, leaves: readonly StoredLeaf[]): boolean {
  const ended = leaves.filter((leaf) => leaf.detail?.ends === true || leaf.name === "dead-letter.dismissed").length;
  return ended >= leaves.reduce((sum, leaf) => sum + Number(leaf.detail?.opens ?? 0), strands);
}

const milestoneOf = ({ at, part, name, outcome, code, attempt }: StoredLeaf): Milestone => ({
  at,
  part,
  name,
  outcome,
  ...(code ? { code } : {}),
  ...(attempt ? { attempt } : {}),
});
