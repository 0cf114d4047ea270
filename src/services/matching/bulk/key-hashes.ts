// Blocking keys as 64-bit hashes: two records that share a hash are compared, as if they shared the key.

import type { TakeKey } from "../keys.ts";

/** Hashes the keys of records, one record after another. */
export type KeyHasher = {
  /** Begins a record: keys of it that come twice count once. */
  begin(record: number): void;
  readonly take: TakeKey;
};

/** @param add takes the low and the high half of each key */
export function keyHasher(add: (low: number, high: number, record: number) => void): KeyHasher {
  let own = new Int32Array(128);
  let count = 0;
  let record = 0;
  let [low, high] = [0, 0];
  // Keys of one kind that begin alike follow one another: what they begin with is gone through once.
  let [begunKind, begunOne, begunLow, begunHigh] = ["", "", 0, 0];
  const feed = (text: string) => {
    // In variables of its own: what other functions see as well is written back at every letter.
    let [lower, upper] = [low, high];
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      lower = Math.imul(lower ^ code, 0x01000193);
      upper = Math.imul((upper << 13) | (upper >>> 19), 0x5bd1e995) ^ code;
    }
    [low, high] = [lower, upper];
  };
  const isNew = (): boolean => {
    for (let at = 0; at < count; at += 2) if (own[at] === low && own[at + 1] === high) return false;
    if (count === own.length) {
      const more = new Int32Array(count * 2);
      more.set(own);
      own = more;
    }
    own[count] = low;
    own[count + 1] = high;
    count += 2;
    return true;
  };
  return {
    begin(next) {
      record = next;
      count = 0;
    },
    take(kind, one, two, three) {
      if (kind === begunKind && one === begunOne) [low, high] = [begunLow, begunHigh];
      else {
        [low, high] = [0x811c9dc5 | 0, 0x1b873593];
        feed(kind);
        feed(one);
        [begunKind, begunOne, begunLow, begunHigh] = [kind, one, low, high];
      }
      if (two !== undefined) feed(two);
      if (three !== undefined) feed(three);
      high = mixed(high ^ low);
      low = mixed(low + Math.imul(high, 0x9e3779b1));
      if (isNew()) add(low, high, record);
    },
  };
}

/** The finaliser of MurmurHash3: every bit depends on every other. */
function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
