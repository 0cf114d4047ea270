// Searching the log: leaves by who, what and when, newest first, a bounded stretch at a time.

import type { Queryable } from "#kernel/db";
import { canonicalJson } from "./canonical-json.ts";
import { storedLeaf } from "./leaf.ts";
import { type Likely, selectStretch } from "./store.ts";
import type { StoredLeaf } from "./types.ts";

/** Which leaves; what is absent does not bound. */
export type LeafFilter = {
  readonly actor?: string | undefined;
  /** Whole, or everything that begins with it where it ends with a dot. */
  readonly name?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Only before this position. */
  readonly before?: number | undefined;
  readonly most: number;
};

/** What a stretch held. `next`: look on before this position; absent: that was all. */
export type FoundLeaves = { readonly leaves: readonly StoredLeaf[]; readonly next?: number };

/** Leaves looked at in one statement: the log is read along its one order, and no index but that is kept. */
const STRETCH = 5_000;
const MOST_STRETCHES = 8;

/** Whether a leaf is one that the filter means, but for its position. */
export function isMeant({ actor, name, since, until }: LeafFilter, leaf: StoredLeaf): boolean {
  if (actor !== undefined && leaf.actor !== actor) return false;
  if (name !== undefined && (name.endsWith(".") ? !leaf.name.startsWith(name) : leaf.name !== name)) return false;
  return (since === undefined || leaf.at >= since) && (until === undefined || leaf.at < until);
}

const PLAIN_INSTANT = 24;

/** What can be told of a body without reading it as JSON: that is left to the few that pass. */
function likely({ actor, name, until }: LeafFilter): Likely {
  const text = (member: string, value: string | undefined) =>
    value === undefined ? "" : `"${member}":${canonicalJson(value)}`;
  const named = text("name", name);
  const instant = until?.toISOString();
  return {
    texts: [text("actor", actor), name?.endsWith(".") ? named.slice(0, -1) : named],
    // Years of more than four figures are written otherwise, and do not come in the order of their text.
    until: instant?.length === PLAIN_INSTANT ? instant : undefined,
  };
}

/** Looks through at most 40,000 leaves. */
export async function searchLeaves(db: Queryable, filter: LeafFilter): Promise<FoundLeaves> {
  const leaves: StoredLeaf[] = [];
  const sought = likely(filter);
  let before = filter.before ?? Number.MAX_SAFE_INTEGER;
  for (let stretch = 0; stretch < MOST_STRETCHES; stretch += 1) {
    const rows = await selectStretch(db, before, STRETCH, sought);
    for (const { position, body } of rows) {
      before = position;
      const leaf = storedLeaf(position, body);
      if (isMeant(filter, leaf)) leaves.push(leaf);
      if (leaves.length === filter.most) return { leaves, next: before };
    }
    const oldest = rows.at(-1);
    if (!oldest || oldest.seen < STRETCH) return { leaves };
    // Leaves are written in the order of their commits and tell the time of what they record: the two differ by moments.
    if (filter.since && storedLeaf(oldest.position, oldest.body).at.getTime() < filter.since.getTime() - SLACK_MS)
      return { leaves };
  }
  return { leaves, next: before };
}

const SLACK_MS = 600_000;
