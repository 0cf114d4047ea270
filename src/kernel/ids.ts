// Identifiers: UUIDv7 (RFC 9562 §5.7), so that they sort by time and sit together in an index.

import { v7 } from "uuid";
import { drawn } from "./random-pool.ts";

/** Of the newest id: its millisecond, and its place in it. */
let [msecs, seq] = [0, 0];

/** A new UUIDv7 in its 36-character lower-case form, monotonic within this process. */
export function newId(): string {
  const random = drawn(16);
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    seq = random.readUInt32BE(6) >>> 1;
  } else {
    seq = (seq + 1) | 0;
    if (seq === 0) msecs += 1;
  }
  return v7({ msecs, seq, random });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` has the form of a UUID. */
export const isId = (text: string): boolean => UUID.test(text);
