// Clusters of large files: only what links hold together is looked at together, so memory grows with the largest group.

import { clusters } from "../clusters.ts";
import { sharedInts } from "./block-part.ts";

/** Pairs that clusters keep apart, by the numbers of their records. */
export type Apart = { readonly a: Int32Array; readonly b: Int32Array };

type Links = { readonly a: Int32Array; readonly b: Int32Array; readonly total: Float64Array };

/** What holds records together, and what does not. */
export type Ties = {
  readonly links: Links;
  /** Finds the pairs kept apart among those of one group; `groupOf` says of each record whose it is, -1 where it matters not. */
  readonly apartIn: (groupOf: Int32Array) => Promise<readonly Apart[]>;
  /** See `Blocks`. */
  readonly equals: ReadonlyMap<number, number>;
  /** An order of the records that does not hang on where their rows stand. */
  readonly isBefore: (a: number, b: number) => boolean;
};

/**
 * The cluster of each record, by the number of one of its records: as `clusters` gives it for all at once. Every thread can
 * read it.
 */
export async function personsOfLinks(records: number, ties: Ties): Promise<Int32Array> {
  const persons = sharedInts(records);
  persons.set(ties.equals.size === 0 ? await personsOf(records, ties) : await personsWithEquals(records, ties));
  return persons;
}

async function personsWithEquals(records: number, ties: Ties): Promise<Int32Array> {
  const { links, equals, isBefore } = ties;
  const isEqual = (index: number) => equals.has(links.a[index]!) || equals.has(links.b[index]!);
  const among = (keeps: (index: number) => boolean): Links => ({
    a: links.a.filter((_, index) => keeps(index)),
    b: links.b.filter((_, index) => keeps(index)),
    total: links.total.filter((_, index) => keeps(index)),
  });
  const found = await personsOf(records, { ...ties, links: among((index) => !isEqual(index)) });
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

async function personsOf(records: number, { links, apartIn, isBefore }: Omit<Ties, "equals">): Promise<Int32Array> {
  const { groupOf, sizes } = groupsOf(records, links);
  const found = Int32Array.from({ length: records }, (_, index) => index);
  // Of two that are linked nothing keeps them apart.
  for (let index = 0; index < links.a.length; index += 1) {
    const [a, b] = [links.a[index]!, links.b[index]!];
    if (sizes[groupOf[a]!] !== 2) continue;
    if (isBefore(a, b)) found[b] = a;
    else found[a] = b;
  }
  const isLarge = (record: number) => sizes[groupOf[record]!]! > 2;
  const large = sharedInts(records);
  for (let record = 0; record < records; record += 1) large[record] = isLarge(record) ? groupOf[record]! : -1;
  const apartOf = await apartByGroup(large, apartIn);
  const places = Int32Array.from(links.a.keys()).filter((index) => isLarge(links.a[index]!));
  const linkOrder = groupedBy(places, records, (index) => groupOf[links.a[index]!]!);
  for (let from = 0; from < linkOrder.length; ) {
    const group = groupOf[links.a[linkOrder[from]!]!]!;
    let till = from + 1;
    while (till < linkOrder.length && groupOf[links.a[linkOrder[till]!]!] === group) till += 1;
    const own = linkOrder.subarray(from, till);
    setPersons(found, { links, own, apart: apartOf.get(group) ?? [], isBefore });
    from = till;
  }
  return found;
}

type Group = Pick<Ties, "links" | "isBefore"> & {
  /** Places of the links of the group. */
  readonly own: Int32Array;
  readonly apart: readonly (readonly [number, number])[];
};

/** Says of each record of one group who it is. */
function setPersons(found: Int32Array, { links, own, apart, isBefore }: Group): void {
  const members = [...new Set([...own].flatMap((index) => [links.a[index]!, links.b[index]!]))].sort((a, b) =>
    isBefore(a, b) ? -1 : 1,
  );
  const placeOf = new Map(members.map((record, place) => [record, place]));
  const pairOf = (a: number, b: number) => {
    const [one, other] = [placeOf.get(a)!, placeOf.get(b)!];
    return one < other ? { a: one, b: other } : { a: other, b: one };
  };
  const places = clusters({
    records: members.length,
    links: Array.from(own, (index) => ({
      ...pairOf(links.a[index]!, links.b[index]!),
      total: links.total[index]!,
    })),
    apart: apart.map(([a, b]) => pairOf(a, b)),
  });
  for (const [place, record] of members.entries()) found[record] = members[places[place]!]!;
}

/** Of each record the group that links hold together, directly or through others, and how many are in it. */
function groupsOf(records: number, links: Links): { readonly groupOf: Int32Array; readonly sizes: Int32Array } {
  const parent = Int32Array.from({ length: records }, (_, index) => index);
  const root = (record: number): number => {
    let at = record;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (let index = 0; index < links.a.length; index += 1) parent[root(links.a[index]!)] = root(links.b[index]!);
  const groupOf = parent.map((_, record) => root(record));
  const sizes = new Int32Array(records);
  for (const group of groupOf) sizes[group]! += 1;
  return { groupOf, sizes };
}

/** Pairs kept apart that links would otherwise hold together, by group. */
async function apartByGroup(groupOf: Int32Array, apartIn: Ties["apartIn"]) {
  const pairs: (readonly [number, number])[] = [];
  for (const { a, b } of await apartIn(groupOf)) for (const [index, one] of a.entries()) pairs.push([one, b[index]!]);
  return Map.groupBy(pairs, ([a]) => groupOf[a]!);
}

/** The places, those of one group together. */
function groupedBy(places: Int32Array, groups: number, groupOf: (place: number) => number): Int32Array {
  const next = new Int32Array(groups + 1);
  for (const place of places) next[groupOf(place) + 1]! += 1;
  for (let group = 0; group < groups; group += 1) next[group + 1]! += next[group]!;
  const order = new Int32Array(places.length);
  for (const place of places) {
    const group = groupOf(place);
    order[next[group]!] = place;
    next[group]! += 1;
  }
  return order;
}
