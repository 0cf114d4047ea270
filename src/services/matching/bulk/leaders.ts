// The leader rule of matching in bulk: a record that fits two others, known to be two persons, is linked with neither.

/** How a pair that is more than `none` was decided on, and how a pair is written that is `none`. */
export const tieKind = { none: 0, keptApart: 1, possible: 2, linked: 3 } as const;

/** Pairs in the order in which they are written: the numbers of their records, what they weigh, and their `tieKind`. */
export type Found = {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly total: Float64Array;
  readonly kind: Uint8Array;
};

/** Pairs of rivals: where the two are two persons, the links that hang on it, by their places, are not made. */
export type Rivals = { readonly a: Int32Array; readonly b: Int32Array; readonly links: readonly (readonly number[])[] };

// So many rivals of a record are looked at, the heaviest first: more of them only in data that tell nobody apart.
const mostRivals = 32;

/**
 * Whoever contends for a record: of two that it was found with, neither by `advantage` bits ahead, and that were not found with
 * each other, the pair. Those that a pattern or a veto parts from the record contend for nothing.
 */
export function rivalsIn(records: number, found: Found, advantage: number): Rivals {
  const { starts, places } = plainPlaces(records, found);
  const { a: ones, b: others, total, kind } = found;
  const otherOf = (place: number, record: number): number => (ones[place] === record ? others[place]! : ones[place]!);
  const metFor = new Int32Array(records);
  let turn = 0;
  const rivals = { a: [] as number[], b: [] as number[], links: [] as number[][] };
  for (let record = 0; record < records; record += 1) {
    const own = placesOf(record);
    if (own.length < 2 || !own.some((place) => kind[place] === tieKind.linked)) continue;
    for (const [index, place] of own.entries()) {
      const rival = otherOf(place, record);
      turn += 1;
      for (let at = starts[rival]!; at < starts[rival + 1]!; at += 1) metFor[otherOf(places[at]!, rival)] = turn;
      for (const next of own.slice(index + 1)) {
        const other = otherOf(next, record);
        if (metFor[other] === turn) continue;
        const unled = [place, next].filter(
          (one) => kind[one] === tieKind.linked && total[one]! - total[one === place ? next : place]! < advantage,
        );
        if (unled.length === 0) continue;
        rivals.a.push(Math.min(rival, other));
        rivals.b.push(Math.max(rival, other));
        rivals.links.push(unled);
      }
    }
  }
  return { a: Int32Array.from(rivals.a), b: Int32Array.from(rivals.b), links: rivals.links };

  function placesOf(record: number): Int32Array {
    const own = places.slice(starts[record]!, starts[record + 1]!);
    return own.length <= mostRivals ? own : own.sort((x, y) => total[y]! - total[x]!).subarray(0, mostRivals);
  }
}

/** Of each record, the places of the pairs that nothing keeps apart. */
function plainPlaces(records: number, { a, b, kind }: Found) {
  const starts = new Int32Array(records + 1);
  const eachEnd = (take: (record: number, place: number) => void) => {
    for (let place = 0; place < a.length; place += 1) {
      if (kind[place]! < tieKind.possible) continue;
      take(a[place]!, place);
      take(b[place]!, place);
    }
  };
  eachEnd((record) => {
    starts[record + 1]! += 1;
  });
  for (let record = 0; record < records; record += 1) starts[record + 1]! += starts[record]!;
  const next = starts.slice(0, records);
  const places = new Int32Array(starts[records]!);
  eachEnd((record, place) => {
    places[next[record]!] = place;
    next[record]! += 1;
  });
  return { starts, places };
}
