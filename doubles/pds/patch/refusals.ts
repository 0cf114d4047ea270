// What the rules of all fields have in common: their refusals, a changed item, and the dates between which it holds.

import { PdsRefusal } from "../outcome.ts";
import type { Period } from "../patient.ts";
import { badUpdate } from "./pointer.ts";

/** An update that the service understands and will not do. */
export const forbidden = (what: string): PdsRefusal =>
  new PdsRefusal("FORBIDDEN_UPDATE", `Forbidden update with error - ${what}`);
/** A value that cannot stand in its field. */
export const invalidValue = (field: string): PdsRefusal =>
  new PdsRefusal("INVALID_VALUE", `Invalid value - in field '${field}'`);

/** A change of an item: what it was, if it was there, and what it is. */
export interface Changed<T> {
  was: T | undefined;
  is: T;
}

/** Dates of an item: today where a new one has none, never in the future, never backwards. */
export function checkPeriod(item: { period?: Period }, today: string): void {
  item.period ??= { start: today };
  const { start, end } = item.period;
  if (start === undefined) throw new PdsRefusal("MISSING_VALUE", "Missing value - 'period/start'");
  for (const day of [start, end])
    if (day !== undefined && !/^\d{4}-\d{2}-\d{2}/.test(day)) throw invalidValue("period");
  if (start > today) throw badUpdate("a start date is in the future");
  if (end !== undefined && end < start) throw badUpdate("a start date is after the corresponding end date");
}
