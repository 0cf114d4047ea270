// Persons from links: records that are linked, directly or through others, unless something keeps them apart.

import type { Pair } from "./bulk.ts";

/** A link with its weight, or two records that must not meet. */
export type ClusterInput = {
  readonly records: number;
  readonly links: readonly (Pair & { readonly total: number })[];
  /** Pairs that a veto or a pattern keeps apart: no chain of links brings them together. */
  readonly apart: readonly Pair[];
};

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
  const foes = new Map<number, Set<number>>();
  const setApart = (a: number, b: number) => foes.set(a, (foes.get(a) ?? new Set()).add(b));
  for (const { a, b } of apart) {
    setApart(a, b);
    setApart(b, a);
  }
  for (const { a, b } of links.toSorted((one, other) => other.total - one.total || one.a - other.a || one.b - other.b)) {
    const [x, y] = [root(a), root(b)].sort((one, other) => one - other) as [number, number];
    if (x === y || foes.get(x)?.has(y)) continue;
    parent[y] = x;
    for (const foe of foes.get(y) ?? []) {
      foes.get(foe)!.delete(y);
      setApart(foe, x);
      setApart(x, foe);
    }
    foes.delete(y);
  }
  return parent.map((_, index) => root(index));
}
