// Weights of the levels of one comparison, such that more agreement never weighs less.

import {
  birthDateLevels,
  emailLevels,
  familyLevels,
  genderLevels,
  givenLevels,
  identifierLevels,
  phoneLevels,
  placeLevels,
  textLevels,
} from "./levels.ts";
import type { LevelTable } from "./model.ts";

/** Of each level the weight against strangers and against kin, and that of the next lower level against strangers. */
export type LevelWeights = Readonly<
  Record<string, { readonly stranger: number; readonly kin: number; readonly floor: number }>
>;

/** Orders in which levels stand; one part of a joint comparison has its own. */
const orders: readonly (readonly string[])[] = [
  givenLevels,
  familyLevels,
  placeLevels,
  phoneLevels,
  birthDateLevels,
  emailLevels,
  textLevels,
  identifierLevels,
  genderLevels,
];

/** The weights of a table. Where a lower level would outweigh a higher one, it is held down to it. */
export function weighLevels(table: LevelTable): LevelWeights {
  const levels = Object.keys(table);
  const isBelow = relationOf(levels);
  const weighed: Record<string, { stranger: number; kin: number; floor: number }> = {};
  const rank = (level: string) => levels.filter((other) => isBelow(level, other)).length;
  for (const level of levels.toSorted((a, b) => rank(a) - rank(b))) {
    const { m, u, kin } = table[level]!;
    const better = levels.filter((other) => isBelow(level, other)).map((other) => weighed[other]!);
    weighed[level] = {
      stranger: Math.min(Math.log2(m / u), ...better.map(({ stranger }) => stranger)),
      kin: Math.min(Math.log2(m / kin), ...better.map((other) => other.kin)),
      floor: Number.NEGATIVE_INFINITY,
    };
  }
  for (const level of levels) {
    const lower = levels.filter((other) => isBelow(other, level)).map((other) => weighed[other]!.stranger);
    weighed[level]!.floor = Math.max(Number.NEGATIVE_INFINITY, ...lower);
  }
  return weighed;
}

/** Whether the first level agrees in no part more, and in one less, than the second, with the same parts missing. */
function relationOf(levels: readonly string[]): (lower: string, higher: string) => boolean {
  const width = Math.max(...levels.map((level) => level.split("/").length));
  const partsOf = new Map(levels.map((level) => [level, level.split("/")]));
  const partOrders = Array.from({ length: width }, (_, part) => {
    const used = [...partsOf.values()].filter((parts) => parts.length === width).map((parts) => parts[part]!);
    return orders.find((order) => used.every((one) => order.includes(one))) ?? [];
  });
  return (lower, higher) => {
    const [a, b] = [partsOf.get(lower)!, partsOf.get(higher)!];
    if (lower === higher || a.length !== width || b.length !== width) return false;
    return a.every((level, part) => {
      const order = partOrders[part]!;
      const isComparable = (level === "missing") === (b[part] === "missing");
      return isComparable && order.indexOf(level) >= order.indexOf(b[part]!);
    });
  };
}
