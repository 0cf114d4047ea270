// Persons from links: records that are linked, directly or through others, unless something keeps them apart.

import type { Pair } from "./bulk.ts";

/** A link with its weight, or two records that must not meet. */
export type ClusterInput = {
  readonly records: number;
  readonly links: readonly (Pair & { readonly total: number })[];
  /** Pairs that a veto or a pattern keeps apart: no chain of links brings them together. */
  readonly apart: readonly Pair[];
};

// Two groups become one only if so much of all pairs between them is linked: one doubtful record is no bridge.
const leastLinked = 0.3;

/** The cluster of each record, by place; a cluster goes by its lowest place. The strongest links are made first. */
export function clusters({ records, links, apart }: ClusterInput): Int32Array {
  const parent = Int32Array.from({ length: records }, (_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const sizes = new Int32Array(records).fill(1);
  const between = linksBetween(links);
  const foes = new Map<number, Set<number>>();
  const setApart = (a: number, b: number) => foes.set(a, (foes.get(a) ?? new Set()).add(b));
  for (const { a, b } of apart) {
    setApart(a, b);
    setApart(b, a);
  }
  for (const { a, b } of links.toSorted(
    (one, other) => other.total - one.total || one.a - other.a || one.b - other.b,
  )) {
    const [x, y] = [root(a), root(b)].sort((one, other) => one - other) as [number, number];
    if (x === y || foes.get(x)?.has(y)) continue;
    if ((between.get(x)?.get(y) ?? 0) < leastLinked * sizes[x]! * sizes[y]!) continue;
    parent[y] = x;
    sizes[x]! += sizes[y]!;
    moveLinks(between, y, x);
    for (const foe of foes.get(y) ?? []) {
      foes.get(foe)!.delete(y);
      setApart(foe, x);
      setApart(x, foe);
    }
    foes.delete(y);
  }
  return parent.map((_, index) => root(index));
}

type LinkCounts = Map<number, Map<number, number>>;

/** How many links there are between any two records, and later between any two groups. */
function linksBetween(links: ClusterInput["links"]): LinkCounts {
  const between: LinkCounts = new Map();
  for (const { a, b } of links) {
    addLinks(between, a, b, 1);
    addLinks(between, b, a, 1);
  }
  return between;
}

function addLinks(between: LinkCounts, from: number, to: number, count: number): void {
  const held = between.get(from) ?? new Map<number, number>();
  between.set(from, held.set(to, (held.get(to) ?? 0) + count));
}

/** What was linked to one group is from now on linked to the other. */
function moveLinks(between: LinkCounts, gone: number, into: number): void {
  for (const [other, count] of between.get(gone) ?? []) {
    between.get(other)!.delete(gone);
    if (other === into) continue;
    addLinks(between, into, other, count);
    addLinks(between, other, into, count);
  }
  between.delete(gone);
}
