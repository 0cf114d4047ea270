// How alike two texts are: Jaro-Winkler, remembered for each pair, and whether one edit parts them.

import { jaroWinkler } from "@skyra/jaro-winkler";

// A million pairs are some hundred megabytes; beyond that the memory starts afresh.
const rememberedPairs = 500_000;

/** What is less alike than this is told as 0. */
export const leastTold = 0.8;

/**
 * Jaro-Winkler similarity, the same either way round: 0.8 to 1, and 0 for all below. Pairs it has seen are not computed
 * again, and pairs that have too few letters in common are not computed at all.
 */
export function rememberingSimilarity(): (a: string, b: string) => number {
  const known = new Map<string, Map<string, number>>();
  let pairs = 0;
  return (one, other) => {
    if (one === other) return 1;
    if (mostAlike(one, other) < leastTold) return 0;
    // The algorithm matches greedily from its first argument, so the order has to be fixed.
    const [a, b] = one < other ? [one, other] : [other, one];
    const found = known.get(a)?.get(b);
    if (found !== undefined) return found;
    if (pairs >= rememberedPairs) {
      known.clear();
      pairs = 0;
    }
    const exact = jaroWinkler(a, b);
    const similarity = exact < leastTold ? 0 : exact;
    const others = known.get(a) ?? new Map<string, number>();
    known.set(a, others.set(b, similarity));
    pairs += 1;
    return similarity;
  };
}

const letters = new Int8Array(128);

/** What Jaro-Winkler cannot exceed: as if all letters in common stood in the same order and near enough. */
function mostAlike(a: string, b: string): number {
  for (let index = 0; index < a.length; index += 1) {
    const code = a.charCodeAt(index);
    if (code > 127) return withoutLetters(a, index, 1);
    letters[code]! += 1;
  }
  let common = 0;
  let isPlain = true;
  for (let index = 0; index < b.length; index += 1) {
    const code = b.charCodeAt(index);
    if (code > 127) isPlain = false;
    else if (letters[code]! > 0) {
      letters[code]! -= 1;
      common += 1;
    }
  }
  const most = isPlain ? (common / a.length + common / b.length + 1) / 3 : 1;
  let prefix = 0;
  while (prefix < 5 && prefix < a.length && a[prefix] === b[prefix]) prefix += 1;
  return withoutLetters(a, a.length, most + prefix * 0.1 * (1 - most));
}

/** Clears what was counted of the first letters, and hands on the answer. */
function withoutLetters(text: string, till: number, answer: number): number {
  for (let index = 0; index < till; index += 1) letters[text.charCodeAt(index)] = 0;
  return answer;
}

/** Whether one character added, left out, changed, or swapped with its neighbour makes the one of the other. */
export function isOneEditApart(one: string, other: string): boolean {
  const [a, b] = one.length <= other.length ? [one, other] : [other, one];
  const more = b.length - a.length;
  if (more > 1) return false;
  let start = 0;
  while (start < a.length && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let end = a.length;
  while (end > start && a.charCodeAt(end - 1) === b.charCodeAt(end - 1 + more)) end -= 1;
  if (more === 1) return start === end;
  // From `start` to `end` the two differ: one place, or two that are swapped.
  if (end - start === 1) return true;
  return (
    end - start === 2 &&
    a.charCodeAt(start) === b.charCodeAt(start + 1) &&
    a.charCodeAt(start + 1) === b.charCodeAt(start)
  );
}

/** As `isOneEditApart`, of two different whole numbers above 0, as they are written in a base. */
export function areDigitsOneEditApart(one: number, other: number, base: number): boolean {
  let [x, y] = one < other ? [one, other] : [other, one];
  let [restOfX, restOfY] = [Math.floor(x / base), Math.floor(y / base)];
  while (x > 0 && x - restOfX * base === y - restOfY * base) {
    [x, y] = [restOfX, restOfY];
    [restOfX, restOfY] = [Math.floor(x / base), Math.floor(y / base)];
  }
  // The last digits that differ: one of them changed, or one more in the greater number, or two that are swapped.
  if (restOfX === restOfY || restOfY === x) return true;
  const [before, beforeOther] = [Math.floor(restOfX / base), Math.floor(restOfY / base)];
  if (before !== beforeOther) return false;
  const isCrossed = restOfX - before * base === y - restOfY * base;
  return isCrossed && restOfY - before * base === x - restOfX * base;
}
