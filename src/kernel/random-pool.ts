// Random bytes for ids, fetched for many at once: one call of the generator costs more than all else of an id. Not for secrets.

import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4_096);
let used = pool.length;

/** So many bytes, at most 4,096; they are the caller's until the next call. */
export function drawn(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.subarray(used - bytes, used);
}
