// Finds what was done to a run of leaves, given the hashes it should have and the rows that are there.

import type { Fault } from "./types.ts";

/** A row reduced to what the verifier needs of it. */
export type HashedRow = { readonly position: number; readonly hash: Buffer };

/** A stretch where the two lists differ: `gone` expected hashes from index `e` on, `come` rows from index `a` on. */
type Gap = { readonly e: number; readonly a: number; gone: number; come: number };

/** Where the lists differ, by their longest common subsequence. Both are at most a few tiles long. */
function gapsBetween(expected: readonly string[], actual: readonly string[]): Gap[] {
  const width = actual.length + 1;
  const common = new Uint16Array((expected.length + 1) * width);
  for (let e = expected.length - 1; e >= 0; e--) {
    for (let a = actual.length - 1; a >= 0; a--) {
      const at = e * width + a;
      common[at] =
        expected[e] === actual[a] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const gaps: Gap[] = [];
  let open: Gap | undefined;
  for (let e = 0, a = 0; e < expected.length || a < actual.length; ) {
    if (e < expected.length && expected[e] === actual[a]) {
      open = undefined;
      e++;
      a++;
      continue;
    }
    if (!open) {
      open = { e, a, gone: 0, come: 0 };
      gaps.push(open);
    }
    const at = e * width + a;
    const drop = a === actual.length || (e < expected.length && common[at + width]! >= common[at + 1]!);
    if (drop) open.gone++;
    else open.come++;
    if (drop) e++;
    else a++;
  }
  return gaps;
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** Joins faults of one kind that follow on one another. */
function joinFaults(faults: readonly Fault[]): Fault[] {
  const joined: Fault[] = [];
  for (const fault of faults) {
    const last = joined.at(-1);
    if (last?.kind !== fault.kind || last.toIndex !== fault.fromIndex) joined.push(fault);
    else joined[joined.length - 1] = { ...last, toIndex: fault.toIndex!, toPosition: fault.toPosition! };
  }
  return joined;
}

/**
 * What was done to the leaves from index `start` on, which should hash to `expected`.
 * A leaf that is gone from one place and found at another is reordered; one replaced in its place is altered.
 */
export function compareRun(expected: readonly Buffer[], rows: readonly HashedRow[], start: number): Fault[] {
  const wanted = expected.map((hash) => hash.toString("hex"));
  const present = rows.map((row) => row.hash.toString("hex"));
  const gaps = gapsBetween(wanted, present);
  const gone = new Set(gaps.flatMap((gap) => range(gap.e, gap.gone).map((e) => wanted[e]!)));
  const come = new Set(gaps.flatMap((gap) => range(gap.a, gap.come).map((a) => present[a]!)));
  const faults = gaps.flatMap((gap) => {
    const lost = range(gap.e, gap.gone).map((e, i): Fault => {
      const moved = come.has(wanted[e]!);
      const inPlace = i < gap.come;
      const kind = moved ? "reordered" : inPlace ? "altered" : "missing";
      const from = rows[inPlace ? gap.a + i : gap.a + gap.come - 1];
      const to = inPlace ? from : rows[gap.a + gap.come];
      return { kind, fromIndex: start + e, toIndex: start + e + 1, ...positions(from, to) };
    });
    const added = range(gap.a + gap.gone, Math.max(0, gap.come - gap.gone))
      .filter((a) => !gone.has(present[a]!)) // the other end of a move is reported where the leaf belongs
      .map(
        (a): Fault => ({
          kind: "extra",
          fromIndex: start + gap.e + gap.gone,
          toIndex: start + gap.e + gap.gone,
          ...positions(rows[a], rows[a]),
        }),
      );
    return [...lost, ...added];
  });
  return joinFaults(faults);
}

const positions = (
  from: HashedRow | undefined,
  to: HashedRow | undefined,
): Pick<Fault, "fromPosition" | "toPosition"> => ({
  ...(from ? { fromPosition: from.position } : {}),
  ...(to ? { toPosition: to.position } : {}),
});
