// How alike two texts are: Jaro-Winkler, remembered for each pair, and whether one edit parts them.

import { jaroWinkler } from "@skyra/jaro-winkler";

// A million pairs are some hundred megabytes; beyond that the memory starts afresh.
const rememberedPairs = 500_000;

/** Jaro-Winkler similarity, 0 to 1, the same either way round; pairs it has seen are not computed again. */
export function rememberingSimilarity(): (a: string, b: string) => number {
  const known = new Map<string, Map<string, number>>();
  let pairs = 0;
  return (one, other) => {
    if (one === other) return 1;
    // The algorithm matches greedily from its first argument, so the order has to be fixed.
    const [a, b] = one < other ? [one, other] : [other, one];
    const found = known.get(a)?.get(b);
    if (found !== undefined) return found;
    if (pairs >= rememberedPairs) {
      known.clear();
      pairs = 0;
    }
    const similarity = jaroWinkler(a, b);
    const others = known.get(a) ?? new Map<string, number>();
    known.set(a, others.set(b, similarity));
    pairs += 1;
    return similarity;
  };
}

/** Whether one character added, left out, changed, or swapped with its neighbour makes the one of the other. */
export function isOneEditApart(one: string, other: string): boolean {
  const [a, b] = one.length <= other.length ? [one, other] : [other, one];
  if (b.length - a.length > 1 || a === b) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  if (a.length < b.length) return a.slice(start) === b.slice(start + 1);
  if (a.slice(start + 1) === b.slice(start + 1)) return true;
  return a[start] === b[start + 1] && a[start + 1] === b[start] && a.slice(start + 2) === b.slice(start + 2);
}
