// The one way out: an object becomes plain JSON values of which nobody sees more than the masks allow.

import { type PersonField, personFields, whereabouts } from "#canonical/model";
import { compileMasks, type Shown, type View } from "./compile-masks.ts";
import { type Masks, type ShownType, shownTypes } from "./masks.ts";
import type { Access } from "./types.ts";

/** A value that JSON can say, and nothing that code could hide in. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Writes what may be seen. */
export type Serialiser = {
  /**
   * What `access` may see of `value`. Reads own data properties and nothing else: no getter runs, no prototype counts, no
   * `toJSON` is asked. What is not shown is left out; an unknown type is an empty object. `restricted`, where the value has
   * it as `false`, lets whereabouts be shown.
   */
  write(type: string, value: unknown, access: Access): { readonly [name: string]: Json };
};

const MOST_VIEWS = 1_000;
const DOTS = "•••";
const LEAST_FOR_THREE = 8;

/** Opens the serialiser over masks that were read. Views are compiled once for each kind of access. */
export function openSerialiser(masks: Masks): Serialiser {
  const views = new Map<string, View>();
  // Decisions hand out the same access again and again.
  const known = new WeakMap<Access, Map<ShownType, View>>();
  const compiled = (type: ShownType, access: Access): View => {
    const { action, roles, scopes, purpose } = access;
    const key = JSON.stringify([type, action, purpose, roles.toSorted(), scopes.toSorted()]);
    const view = views.get(key) ?? compileMasks(masks, type, access);
    if (views.size >= MOST_VIEWS) views.clear();
    views.set(key, view);
    return view;
  };
  const viewOf = (type: ShownType, access: Access): View => {
    const ofAccess = known.get(access) ?? new Map<ShownType, View>();
    const view = ofAccess.get(type) ?? compiled(type, access);
    known.set(access, ofAccess.set(type, view));
    return view;
  };
  return {
    write(type, value, access) {
      if (!isShown(type) || !isObject(value)) return {};
      return members(viewOf(type, access), value, own(value, "restricted") !== false);
    },
  };
}

const isShown = (type: string): type is ShownType => (shownTypes as readonly string[]).includes(type);
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** An own data property; undefined where there is none, or a getter. */
const own = (value: object, name: string): unknown => Object.getOwnPropertyDescriptor(value, name)?.value;

/** What may be shown of a value; undefined: nothing. `beside` is the object it stands in. */
function visible(view: View, value: unknown, restricted: boolean, beside: object): Json | undefined {
  if (view.shown !== undefined) {
    const isWithheld =
      restricted && (view.whereabouts === "always" || (view.whereabouts === "by-field" && !isHarmless(beside)));
    return isWithheld ? undefined : shownAs(view.shown, value);
  }
  if (!isObject(value)) return undefined;
  if (view.elements) return Array.isArray(value) ? elements(view.elements, value, restricted) : undefined;
  return Array.isArray(value) ? undefined : members(view, value, restricted);
}

function members(view: View, value: object, restricted: boolean): { [name: string]: Json } {
  const shown: { [name: string]: Json } = {};
  for (const [name, inner] of view.members ?? []) {
    const seen = visible(inner, own(value, name), restricted, value);
    if (seen !== undefined) shown[name] = seen;
  }
  if (!view.any) return shown;
  for (const name of Object.keys(value)) {
    // Assigned, it would be a prototype and no member.
    const seen = name === "__proto__" ? undefined : visible(view.any, own(value, name), restricted, value);
    if (seen !== undefined) shown[name] = seen;
  }
  return shown;
}

function elements(view: View, value: readonly unknown[], restricted: boolean): Json[] {
  const shown: Json[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const seen = visible(view, own(value, String(index)), restricted, value);
    if (seen !== undefined) shown.push(seen);
  }
  return shown;
}

/** Whether a row is about a field of a person that does not tell where they are. */
function isHarmless(row: object): boolean {
  const field = own(row, "field") as PersonField;
  return personFields.includes(field) && !whereabouts.has(field);
}

function shownAs(shown: Shown, value: unknown): Json | undefined {
  const plain = plainly(value);
  if (plain === undefined || shown === "whole") return plain;
  if (shown === "last-three" && typeof plain === "string" && plain.length >= LEAST_FOR_THREE)
    return `${DOTS}${plain.slice(-3)}`;
  if (shown === "year" && typeof plain === "string" && /^\d{4}-\d{2}/.test(plain)) return plain.slice(0, 4);
  return DOTS;
}

/** A plain value as JSON says it; instants as ISO 8601 in UTC. Objects are nothing: their members need masks of their own. */
function plainly(value: unknown): string | number | boolean | null | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? null : instant(value);
    default:
      return undefined;
  }
}

function instant(value: object): string | undefined {
  try {
    // Of `Date` itself: an object may bring a method of that name along.
    return Date.prototype.toISOString.call(value);
  } catch {
    return undefined; // no date, or none that there is
  }
}
