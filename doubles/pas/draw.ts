// Numbers that look drawn and are the same at every run with the same seed.

/** Draws evenly from 0 up to, and without, 1. */
export type Draw = () => number;

/** Mulberry32: small, and even enough for stories. */
export function drawing(seed: number): Draw {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number below `end`. */
export const whole = (draw: Draw, end: number): number => Math.floor(draw() * end);

/** One of a list. */
export const oneOf = <T>(draw: Draw, list: readonly T[]): T => list[whole(draw, list.length)]!;

/** One of a list, each as often as it weighs. */
export function weighedOf<T>(draw: Draw, list: readonly (readonly [T, number])[]): T {
  let left = draw() * list.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [one, weight] of list) {
    left -= weight;
    if (left < 0) return one;
  }
  return list[0]![0];
}
