// The opaque version of a record: NAV's own token, whose it is, and the key under which it came to be.

/**
 * What a version says. NAV checks only `tag`. `externalId` tells whose tag it is, since a SOAP key alone decides what
 * it changes. `reference` is the idempotency key on the record at that version: NAV's trigger takes the same key twice
 * in a row for no change of key and would let a repeated update pass, so it is recognised here, without asking.
 */
export type VersionParts = {
  /** ETag or SOAP key, verbatim. */
  readonly tag: string;
  readonly externalId: string;
  readonly reference: string;
};

export const writeVersion = ({ tag, externalId, reference }: VersionParts): string =>
  JSON.stringify([tag, externalId, reference]);

/** Undefined if it is no version of ours. */
export function readVersion(version: string): VersionParts | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(version);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => typeof part === "string")) return undefined;
  const [tag, externalId, reference] = parts as [string, string, string];
  return /^[\x20-\x7e]+$/.test(tag) ? { tag, externalId, reference } : undefined;
}
