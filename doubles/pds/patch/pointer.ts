// JSON Pointer (RFC 6901): where in a record a change is made.

import { PdsRefusal } from "../outcome.ts";

/** An update that cannot be understood or applied. */
export const badUpdate = (what: string): PdsRefusal =>
  new PdsRefusal("INVALID_UPDATE", `Invalid update with error - ${what}`);

/** The parts of a pointer; throws PdsRefusal. */
export function partsOf(path: string): string[] {
  if (!path.startsWith("/") || path === "/") throw badUpdate(`Invalid patch - '${path}' is not a path`);
  return path
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A place inside a document: what holds it, and under which name or index. */
type Place = { list: unknown[]; index: number } | { object: Record<string, unknown>; name: string };

/** The place that a pointer names; its last part need not exist. Throws PdsRefusal. */
export function placeOf(document: object, parts: readonly string[]): Place {
  let holder: unknown = document;
  for (const part of parts.slice(0, -1)) holder = inside(holder, part);
  const last = parts.at(-1) ?? "";
  if (Array.isArray(holder)) return { list: holder, index: last === "-" ? holder.length : indexOf(last) };
  if (typeof holder === "object" && holder !== null) return { object: holder as Record<string, unknown>, name: last };
  throw nowhere();
}

/** What is at a place; undefined when nothing is. */
export const valueAt = (place: Place): unknown =>
  "list" in place
    ? place.list[place.index]
    : Object.hasOwn(place.object, place.name)
      ? place.object[place.name]
      : undefined;

/** A place that does not exist. */
export const nowhere = (): PdsRefusal => badUpdate("Invalid patch - the path does not exist");

function inside(holder: unknown, part: string): unknown {
  if (typeof holder !== "object" || holder === null) throw nowhere();
  const value = valueAt(
    Array.isArray(holder)
      ? { list: holder, index: indexOf(part) }
      : { object: holder as Record<string, unknown>, name: part },
  );
  if (value === undefined) throw nowhere();
  return value;
}

function indexOf(part: string): number {
  if (!/^(0|[1-9]\d{0,4})$/.test(part)) throw nowhere();
  return Number(part);
}
