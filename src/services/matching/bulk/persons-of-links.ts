// Clusters of large files: only what links hold together is looked at together, so memory grows with the largest group.

import { clusters } from "../clusters.ts";

/** Pairs that clusters keep apart, by the numbers of their records. */
export type Apart = { readonly a: Int32Array; readonly b: Int32Array };

type Links = { readonly a: Int32Array; readonly b: Int32Array; readonly total: Float64Array };

/** Links, and pairs kept apart in parts. `equals`: see `Blocks`. */
export type Ties = {
  readonly links: Links;
  readonly apart: readonly Apart[];
  readonly equals: ReadonlyMap<number, number>;
};

/**
 * The cluster of each record, by the number of one of its records: as `clusters` gives it for all at once.
 * @param isBefore an order of the records that does not hang on where their rows stand
 */
export function personsOfLinks(
  records: number,
  { links, apart, equals }: Ties,
  isBefore: (a: number, b: number) => boolean,
): Int32Array {
  if (equals.size === 0) return personsOf(records, links, apart, isBefore);
  const isEqual = (index: number) => equals.has(links.a[index]!) || equals.has(links.b[index]!);
  const among = (keeps: (index: number) => boolean): Links => ({
    a: links.a.filter((_, index) => keeps(index)),
    b: links.b.filter((_, index) => keeps(index)),
    total: links.total.filter((_, index) => keeps(index)),
  });
  const found = personsOf(
    records,
    among((index) => !isEqual(index)),
    apart,
    isBefore,
  );
  // Each goes with whoever stood for it, where the two were linked; of all that are one person the lowest gives the name.
  const lowest = new Map<number, number>();
  for (let index = 0; index < links.a.length; index += 1) {
    if (!isEqual(index)) continue;
    const [a, b] = [links.a[index]!, links.b[index]!];
    const [one, first] = equals.get(a) === b ? [a, b] : [b, a];
    const person = found[first]!;
    const name = lowest.get(person) ?? person;
    lowest.set(person, isBefore(one, name) ? one : name);
    found[one] = person;
  }
  return found.map((person) => lowest.get(person) ?? person);
}

function personsOf(
  records: number,
  links: Links,
  parts: readonly Apart[],
  isBefore: (a: number, b: number) => boolean,
): Int32Array {
  const parent = Int32Array.from({ length: records }, (_, index) => index);
  const root = (record: number): number => {
    let at = record;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const [index, a] of links.a.entries()) parent[root(a)] = root(links.b[index]!);
  const linkOrder = groupedBy(links.a.length, records, (index) => root(links.a[index]!));
  const apart = apartWithin(parts, root);
  const apartOf = Map.groupBy(apart, ([a]) => root(a));
  const found = Int32Array.from({ length: records }, (_, index) => index);
  for (let from = 0; from < linkOrder.length; ) {
    const group = root(links.a[linkOrder[from]!]!);
    let till = from + 1;
    while (till < linkOrder.length && root(links.a[linkOrder[till]!]!) === group) till += 1;
    const indexes = linkOrder.subarray(from, till);
    from = till;
    const members = [...new Set([...indexes].flatMap((index) => [links.a[index]!, links.b[index]!]))].sort((a, b) =>
      isBefore(a, b) ? -1 : 1,
    );
    const placeOf = new Map(members.map((record, place) => [record, place]));
    const pairOf = (a: number, b: number) => {
      const [one, other] = [placeOf.get(a)!, placeOf.get(b)!];
      return one < other ? { a: one, b: other } : { a: other, b: one };
    };
    const places = clusters({
      records: members.length,
      links: Array.from(indexes, (index) => ({
        ...pairOf(links.a[index]!, links.b[index]!),
        total: links.total[index]!,
      })),
      apart: (apartOf.get(group) ?? []).map(([a, b]) => pairOf(a, b)),
    });
    for (const [place, record] of members.entries()) found[record] = members[places[place]!]!;
  }
  return found;
}

/** Pairs kept apart that links would otherwise hold together, directly or through others. */
function apartWithin(parts: readonly Apart[], root: (record: number) => number): (readonly [number, number])[] {
  const within: (readonly [number, number])[] = [];
  for (const apart of parts)
    for (const [index, a] of apart.a.entries()) {
      const b = apart.b[index]!;
      if (root(a) === root(b)) within.push([a, b]);
    }
  return within;
}

/** Places of `count` things, those of one group together. */
function groupedBy(count: number, groups: number, groupOf: (index: number) => number): Int32Array {
  const next = new Int32Array(groups + 1);
  for (let index = 0; index < count; index += 1) next[groupOf(index) + 1]! += 1;
  for (let group = 0; group < groups; group += 1) next[group + 1]! += next[group]!;
  const order = new Int32Array(count);
  for (let index = 0; index < count; index += 1) {
    const group = groupOf(index);
    order[next[group]!] = index;
    next[group]! += 1;
  }
  return order;
}
