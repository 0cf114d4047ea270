// Holds the leader rule to its promises: only a near rival that is not found with the other contends for a record.

import { expect, test } from "vitest";
import { type Found, rivalsIn, tieKind } from "../../../src/services/matching/bulk/leaders.ts";

type Tie = readonly [a: number, b: number, total: number, kind: keyof typeof tieKind];
const foundOf = (ties: readonly Tie[]): Found => ({
  a: Int32Array.from(ties, ([a]) => a),
  b: Int32Array.from(ties, ([, b]) => b),
  total: Float64Array.from(ties, ([, , total]) => total),
  kind: Uint8Array.from(ties, ([, , , kind]) => tieKind[kind]),
});
const rivalsOf = (ties: readonly Tie[]) => {
  const { a, b, links } = rivalsIn(4, foundOf(ties), 5);
  return links.map((places, index) => [a[index], b[index], ...places]);
};

test.each<[string, Tie[], number[][]]>([
  [
    "two near links contend, and both hang on it",
    [
      [0, 1, 9, "linked"],
      [0, 2, 8, "linked"],
    ],
    [[1, 2, 0, 1]],
  ],
  [
    "a possible pair contends with a link",
    [
      [0, 1, 9, "linked"],
      [0, 2, 5, "possible"],
    ],
    [[1, 2, 0]],
  ],
  [
    "whoever leads by far is not contended",
    [
      [0, 1, 20, "linked"],
      [0, 2, 8, "linked"],
    ],
    [[1, 2, 1]],
  ],
  [
    "nor is a link beside a possible pair far behind",
    [
      [0, 1, 20, "linked"],
      [0, 2, 8, "possible"],
    ],
    [],
  ],
  [
    "who is kept apart contends for nothing",
    [
      [0, 1, 9, "linked"],
      [0, 2, 9, "keptApart"],
    ],
    [],
  ],
  [
    "two who are found with each other do not contend",
    [
      [0, 1, 9, "linked"],
      [0, 2, 9, "linked"],
      [1, 2, 1, "possible"],
    ],
    [],
  ],
  [
    "two who are kept apart do",
    [
      [0, 1, 9, "linked"],
      [0, 2, 9, "linked"],
      [1, 2, 9, "keptApart"],
    ],
    [[1, 2, 0, 1]],
  ],
  [
    "without a link there is nothing to take back",
    [
      [0, 1, 2, "possible"],
      [0, 2, 2, "possible"],
    ],
    [],
  ],
])("%s", (_what, ties, rivals) => {
  expect(rivalsOf(ties)).toEqual(rivals);
});
