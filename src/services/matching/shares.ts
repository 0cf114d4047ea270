// Counts how common values are in the data to be matched.

import type { ExtraColumn, Prepared, Shares } from "./types.ts";

/** Shares of a collection, and how likely two records of it agree by chance. */
export type CountedShares = Shares & {
  readonly average: { readonly given: number; readonly family: number; readonly town: number };
};

/** Counts a collection of records. */
export function countShares(records: Iterable<Prepared>, extra: readonly ExtraColumn[] = []): CountedShares {
  const given = counter();
  const family = counter();
  const town = counter();
  const columns = extra.map(counter);
  for (const record of records) {
    given.add(record.given?.parts[0]);
    family.add(record.family?.key);
    town.add(record.town);
    for (const [index, column] of columns.entries()) column.add(record.extra[index]);
  }
  return {
    given: given.share,
    family: family.share,
    town: town.share,
    extra: (column, value) => columns[column]?.share(value),
    average: { given: given.average(), family: family.average(), town: town.average() },
  };
}

function counter() {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    add(value: string | undefined) {
      if (!value) return;
      counts.set(value, (counts.get(value) ?? 0) + 1);
      total += 1;
    },
    share: (value: string): number | undefined => {
      const count = counts.get(value);
      return count === undefined ? undefined : count / total;
    },
    /** Of two records that both have a value, the share that agree; never 0, so that it can be divided by. */
    average(): number {
      let sum = 0;
      for (const count of counts.values()) sum += (count / total) ** 2;
      return sum || 1;
    },
  };
}
