// Which outcomes are reviewed again: told from the id alone, so that a commit that is done again chooses the same.

import { createHash } from "node:crypto";

/** An id told from `text`: a UUID of version 8 (RFC 9562 §5.8) out of its SHA-256. */
export function idOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Whether `id` falls into a share of all ids, 0 to 1. */
export const isSampled = (id: string, share: number): boolean =>
  createHash("sha256").update(`sample:${id}`).digest().readUInt32BE(0) / 2 ** 32 < share;
