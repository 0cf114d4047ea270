// Clusters of large files: only what links hold together is looked at together, so memory grows with the largest group.

import { clusters } from "../clusters.ts";

/** Pairs that clusters keep apart, by the numbers of their records. */
export type Apart = { readonly a: Int32Array; readonly b: Int32Array };

/** Links, and pairs kept apart in parts. */
export type Ties = {
  readonly links: { readonly a: Int32Array; readonly b: Int32Array; readonly total: Float64Array };
  readonly apart: readonly Apart[];
};

/**
 * The cluster of each record, by the number of one of its records: as `clusters` gives it for all at once.
 * @param isBefore an order of the records that does not hang on where their rows stand
 */
export function personsOfLinks(
  records: number,
  { links, apart: parts }: Ties,
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
