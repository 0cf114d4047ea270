// What to write, given what the target holds now: a comparison field by field, without I/O.

import type { Held, Values, WriteRequest } from "./types.ts";

/** The decision on one request. */
export type Decision =
  | { readonly write: "nothing" }
  | { readonly write: "values"; readonly values: Values }
  /** Somebody else changed these fields at the target after the event that we were told of, or since they were approved; or they were to be new. */
  | { readonly write: "refused"; readonly fields: readonly string[] };

/**
 * Decides on `request` against `current`.
 * @param lastSeen the values we last saw at the target; absent where we have never seen the record
 */
export function decide(request: WriteRequest, current: Held, lastSeen: Values | undefined): Decision {
  const { basis } = request;
  const hasMoved = current.version !== basis?.version;
  if (basis?.strict && hasMoved) return { write: "refused", fields: movedSince(basis.values, request, current) };
  const differing = differingFrom(current.values, request.values);
  if (differing.length === 0) return { write: "nothing" };
  if (request.isNew) return { write: "refused", fields: differing.map(([field]) => field) };
  const seen = [lastSeen, basis?.values].filter((values) => values !== undefined);
  const isOthers = (field: string) => seen.every((values) => !same(current.values[field], values[field]));
  const movedByOthers = seen.length > 0 && hasMoved ? differing.filter(([field]) => isOthers(field)) : [];
  if (movedByOthers.length > 0 && current.modifiedAt > request.eventAt) {
    return { write: "refused", fields: movedByOthers.map(([field]) => field) };
  }
  return { write: "values", values: Object.fromEntries(differing) };
}

/** What to write at the version of the request's basis; undefined where the record has to be read first. */
export function onBasis({ values, basis }: WriteRequest): Values | undefined {
  const isWhole = basis && wanted(values).every(([field]) => basis.values[field] !== undefined);
  const differing = isWhole ? differingFrom(basis.values, values) : [];
  return differing.length > 0 ? Object.fromEntries(differing) : undefined;
}

/** The fields of `written` that the target does not hold after all. */
export const unheld = (written: Values, held: Values): string[] => differingFrom(held, written).map(([field]) => field);

/** The fields that `values` speaks of. */
export const wanted = (values: Values): [string, Values[string]][] =>
  Object.entries(values).filter(([, value]) => value !== undefined);

const differingFrom = (held: Values, values: Values): [string, Values[string]][] =>
  wanted(values).filter(([field, value]) => !same(held[field], value));

const movedSince = (basis: Values, { values }: WriteRequest, current: Held): string[] =>
  wanted(values)
    .map(([field]) => field)
    .filter((field) => basis[field] !== undefined && !same(current.values[field], basis[field]));

/** A field that a target does not have at all counts as blank. */
const same = (a: Values[string], b: Values[string]): boolean => (a ?? null) === (b ?? null);
