// What to write, given what the target holds now: a three-way comparison, field by field, without I/O.

import type { Held, Values, WriteRequest } from "./types.ts";

/** The decision on one request. */
export type Decision =
  | { readonly write: "nothing" }
  | { readonly write: "values"; readonly values: Values }
  /** Somebody else changed these fields at the target after the event that we were told of. */
  | { readonly write: "refused"; readonly fields: readonly string[] };

/**
 * Decides on `request` against `current`.
 * @param lastSeen the values we last saw at the target; absent where we have never seen the record
 */
export function decide(request: WriteRequest, current: Held, lastSeen: Values | undefined): Decision {
  const wanted = Object.entries(request.values).filter(([, value]) => value !== undefined);
  const differing = wanted.filter(([field, value]) => !same(current.values[field], value));
  if (differing.length === 0) return { write: "nothing" };
  const movedByOthers = differing.filter(
    ([field]) => lastSeen !== undefined && !same(current.values[field], lastSeen[field]),
  );
  if (movedByOthers.length > 0 && current.modifiedAt > request.eventAt) {
    return { write: "refused", fields: movedByOthers.map(([field]) => field) };
  }
  return { write: "values", values: Object.fromEntries(differing) };
}

/** The fields of `written` that the target does not hold after all. */
export function unheld(written: Values, held: Values): string[] {
  return Object.entries(written)
    .filter(([field, value]) => value !== undefined && !same(held[field], value))
    .map(([field]) => field);
}

/** A field that a target does not have at all counts as blank. */
const same = (a: Values[string], b: Values[string]): boolean => (a ?? null) === (b ?? null);
