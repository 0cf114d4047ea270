// Blocking keys as 64-bit hashes: two records that share a hash are compared, as if they shared the key.

/** Hashes of the keys of one batch, and which of them were seen before. */
export type KeyHasher = {
  /** Begins a record: keys of it that come twice count once. */
  begin(): void;
  take(kind: string, one: string, two?: string, three?: string): void;
  /** Low and high half of each key so far. */
  readonly halves: () => Uint32Array;
  readonly count: () => number;
};

/**
 * Which keys were seen, and which more than once, by some bits of their hash: a key seen once cannot be shared. Two bits for
 * each, side by side.
 */
export type SeenKeys = { readonly words: Int32Array; readonly mask: number };

/** Room for about so many keys; one in ten or so looks shared that is not, which costs time and nothing else. */
export function seenKeysFor(expectedKeys: number): SeenKeys {
  const places = 2 ** Math.min(31, Math.max(16, Math.ceil(Math.log2(expectedKeys * 6))));
  return { words: new Int32Array(new SharedArrayBuffer(places / 4)), mask: places - 1 };
}

/** Whether a key may be shared. */
export const isSeenAgain = ({ words, mask }: SeenKeys, low: number): boolean => {
  const place = low & mask;
  return (words[place >>> 4]! & (2 << ((place & 15) * 2))) !== 0;
};

function see({ words, mask }: SeenKeys, low: number): void {
  const place = low & mask;
  const [word, once] = [place >>> 4, 1 << ((place & 15) * 2)];
  // Another thread may be at it: what is read without it may be old, and then it is only done once more.
  const known = words[word]!;
  if ((known & (once << 1)) !== 0) return;
  if ((known & once) !== 0) Atomics.or(words, word, once << 1);
  else if ((Atomics.or(words, word, once) & once) !== 0) Atomics.or(words, word, once << 1);
}

/** Hashes keys, and marks them as seen. */
export function keyHasher(seen: SeenKeys): KeyHasher {
  let halves = new Uint32Array(1 << 20);
  let count = 0;
  let first = 0;
  let [low, high] = [0, 0];
  const feed = (text: string) => {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul((high << 13) | (high >>> 19), 0x5bd1e995) ^ code;
    }
  };
  return {
    begin() {
      first = count;
    },
    take(kind, one, two, three) {
      [low, high] = [0x811c9dc5 | 0, 0x1b873593];
      feed(kind);
      feed(one);
      if (two !== undefined) feed(two);
      if (three !== undefined) feed(three);
      high = mixed(high ^ low);
      low = mixed(low + Math.imul(high, 0x9e3779b1));
      const [lower, upper] = [low >>> 0, high >>> 0];
      for (let at = first; at < count; at += 1) if (halves[2 * at] === lower && halves[2 * at + 1] === upper) return;
      if (2 * count + 2 > halves.length) {
        const more = new Uint32Array(halves.length * 2);
        more.set(halves);
        halves = more;
      }
      halves[2 * count] = lower;
      halves[2 * count + 1] = upper;
      count += 1;
      see(seen, lower);
    },
    halves: () => halves.subarray(0, 2 * count),
    count: () => count,
  };
}

/** The finaliser of MurmurHash3: every bit depends on every other. */
function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
