// How common values are in files of any size: counted in parts, and remembered only where they are common.

import type { CountedShares } from "../shares.ts";
import type { ExtraColumn, NameForm, Shares } from "../types.ts";
import { type PackedReader, slot } from "./packed.ts";

type Counts = Map<string, number>;

/** Counts of one part of the records; none for columns that identify, whose values are all rare. */
export type ValueCounts = {
  readonly given: Counts;
  readonly family: Counts;
  readonly town: Counts;
  readonly extra: readonly Counts[];
};

/** Counts the values of some records. */
export function countValues(
  reader: PackedReader,
  from: number,
  till: number,
  extra: readonly ExtraColumn[],
): ValueCounts {
  const counts = {
    given: new Map<string, number>(),
    family: new Map<string, number>(),
    town: new Map<string, number>(),
    extra: extra.map(() => new Map<string, number>()),
  };
  const names = { given: new Map<NameForm, number>(), family: new Map<NameForm, number>() };
  for (let record = from; record < till; record += 1) {
    if (!reader.isIn(record)) continue;
    add(names.given, reader.name(record, slot.given));
    add(names.family, reader.name(record, slot.family));
    add(counts.town, reader.townOf(record));
    if (extra.length === 0) continue;
    for (const [index, value] of reader.extraOf(record).entries())
      if (extra[index]!.compare !== "identifier") add(counts.extra[index]!, value);
  }
  for (const [{ parts }, times] of names.given) add(counts.given, parts[0], times);
  for (const [{ key }, times] of names.family) add(counts.family, key, times);
  return counts;
}

function add<T>(counts: Map<T, number>, value: T | undefined, times = 1): void {
  if (value) counts.set(value, (counts.get(value) ?? 0) + times);
}

/** Shares of values that are common; whatever is not there is as rare as a value may count. */
type Common = { readonly least: number; readonly shares: Counts };
export type CommonValues = {
  readonly given: Common;
  readonly family: Common;
  readonly town: Common;
  readonly extra: readonly Common[];
  readonly average: CountedShares["average"];
};

/** Adds counts of all parts up. No share below `least` matters, so rarer values are not kept. */
export function commonValues(parts: readonly ValueCounts[], least: number): CommonValues {
  const sum = (of: (part: ValueCounts) => Counts | undefined): Counts => {
    const [first = new Map<string, number>(), ...others] = parts.map((part) => of(part) ?? new Map<string, number>());
    for (const other of others) for (const [value, times] of other) first.set(value, (first.get(value) ?? 0) + times);
    return first;
  };
  const [given, family, town] = [sum((part) => part.given), sum((part) => part.family), sum((part) => part.town)];
  return {
    given: common(given, least),
    family: common(family, least),
    town: common(town, least),
    extra: (parts[0]?.extra ?? []).map((_, index) =>
      common(
        sum((part) => part.extra[index]),
        least,
      ),
    ),
    average: { given: average(given), family: average(family), town: average(town) },
  };
}

const totalOf = (counts: Counts): number => counts.values().reduce((sum, times) => sum + times, 0);

function common(counts: Counts, least: number): Common {
  const total = totalOf(counts);
  const shares = new Map<string, number>();
  for (const [value, times] of counts) if (times / total > least) shares.set(value, times / total);
  return { least, shares };
}

/** Of two records that both have a value, the share that agree; never 0, so that it can be divided by. */
function average(counts: Counts): number {
  const total = totalOf(counts);
  return counts.values().reduce((sum, times) => sum + (times / total) ** 2, 0) || 1;
}

/** Shares as comparing asks for them: of values that some record has. */
export function commonShares({ given, family, town, extra }: CommonValues): Shares {
  const shareOf = ({ shares, least }: Common, value: string) => shares.get(value) ?? least;
  return {
    given: (part) => shareOf(given, part),
    family: (name) => shareOf(family, name),
    town: (name) => shareOf(town, name),
    extra: (column, value) => shareOf(extra[column]!, value),
  };
}
