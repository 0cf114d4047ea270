// Hashes by which packed records are told apart without reading their texts.

/** Sums 32-bit numbers up to one of 52 bits, in which their order counts; one sum after another. */
export function mixer() {
  let [low, high] = [0, 0];
  return {
    begin() {
      [low, high] = [0x9e3779b1 | 0, 0x85ebca6b | 0];
    },
    add(value: number) {
      low = Math.imul(low ^ value, 0xc2b2ae35);
      high = Math.imul((high << 13) | (high >>> 19), 0x27d4eb2f) ^ value;
    },
    sum(): number {
      const [one, other] = [Math.imul(low ^ (low >>> 15), 0x85ebca6b), Math.imul(high ^ (high >>> 16), 0xc2b2ae35)];
      return ((one ^ (other << 7)) >>> 0) * 0x100000 + (other >>> 12) + 1;
    },
  };
}

/** A hash of a text, 32 bits: FNV-1a over its UTF-16 units. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}
