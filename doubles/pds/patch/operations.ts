// The changes of an update (RFC 6902), with the service's own guards against changing the wrong item of a list.

import { isDeepStrictEqual } from "node:util";
import { PdsRefusal } from "../outcome.ts";
import type { Patient } from "../patient.ts";
import { newItemId } from "../short-form.ts";
import { badUpdate, nowhere, partsOf, placeOf, valueAt } from "./pointer.ts";

/** One change. */
export interface Patch {
  op: "add" | "replace" | "remove" | "test";
  path: string;
  value?: unknown;
}

/** The lists of a patient, each with what its items may say. */
const lists: Readonly<Record<string, ReadonlySet<string>>> = {
  name: new Set(["id", "use", "period", "given", "family", "prefix", "suffix"]),
  address: new Set(["id", "use", "period", "text", "line", "postalCode", "extension"]),
  telecom: new Set(["id", "use", "period", "system", "value", "extension"]),
  contact: new Set(["id", "period", "relationship", "telecom"]),
  generalPractitioner: new Set(["id", "type", "identifier"]),
  extension: new Set(["url", "extension", "valueReference", "valueAddress"]),
};
const singles = new Set(["gender", "birthDate", "deceasedDateTime", "multipleBirthInteger", "managingOrganization"]);
const fixed = new Set(["id", "meta", "identifier", "resourceType"]);

/** The changes in a request body; throws PdsRefusal. */
export function patchesIn(body: string): Patch[] {
  const { patches } = objectIn(body);
  if (!Array.isArray(patches) || patches.length === 0) throw badUpdate("No patches found");
  return patches.map((patch: unknown): Patch => {
    if (typeof patch !== "object" || patch === null) throw badUpdate("Invalid patch - must be an object");
    const { op, path, value } = patch as Record<string, unknown>;
    if (op !== "add" && op !== "replace" && op !== "remove" && op !== "test")
      throw new PdsRefusal("INVALID_VALUE", "Invalid value - in field 'patches/op'");
    if (typeof path !== "string") throw badUpdate("Invalid patch - no path found");
    if (op !== "remove" && value === undefined) throw badUpdate("Invalid patch - no value found");
    return { op, path, value };
  });
}

function objectIn(body: string): { patches?: unknown } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // Answered as a body that is no object.
  }
  throw badUpdate("No patches found");
}

/** The record after all changes, or PdsRefusal: the record given stays as it is. */
export function applyPatches(patient: Patient, patches: readonly Patch[]): Patient {
  const copy = structuredClone(patient);
  for (const [index, patch] of patches.entries()) {
    const parts = partsOf(patch.path);
    checkRoot(parts);
    checkGuards(copy, patch, parts, patches, patches[index - 1]);
    applyOne(copy, patch, parts);
  }
  for (const list of Object.keys(lists)) tidy(copy, list as keyof Patient);
  return copy;
}

function checkRoot([root = ""]: string[]): void {
  if (fixed.has(root)) throw new PdsRefusal("FORBIDDEN_UPDATE", `Forbidden update with error - '${root}' is fixed`);
  if (!singles.has(root) && !Object.hasOwn(lists, root))
    throw new PdsRefusal("ADDITIONAL_PROPERTIES", `Additional properties are not allowed ('${root}' was unexpected)`);
}

/** What a list item is known by: an extension by its URL, all else by the id that the service gave it. */
const keyOf = (list: string): "id" | "url" => (list === "extension" ? "url" : "id");

function checkGuards(
  patient: Patient,
  patch: Patch,
  parts: string[],
  patches: readonly Patch[],
  previous: Patch | undefined,
): void {
  const [list = "", index = "", ...rest] = parts;
  if (patch.op === "test" || !Object.hasOwn(lists, list)) return;
  if (index === "") throw badUpdate("Invalid patch - a list is changed item by item");
  if (patch.op === "remove") {
    checkRemoval(patch, parts, previous);
    return;
  }
  if (rest.length === 0 && patch.op === "add") {
    if (index !== "-") throw badUpdate(`Invalid patch - items are added at '/${list}/-'`);
    return;
  }
  const item = valueAt(placeOf(patient, [list, index])) as Record<string, unknown> | undefined;
  if (item === undefined) throw nowhere();
  checkIdentity(patch, item, `/${list}/${index}`, keyOf(list), rest, patches);
}

/** Who replaces an item, or a part of one, must say which item was meant. */
function checkIdentity(
  patch: Patch,
  item: Record<string, unknown>,
  root: string,
  key: "id" | "url",
  rest: string[],
  patches: readonly Patch[],
): void {
  // Items of old records have no id; then none can be asked for.
  if (item[key] === undefined) return;
  const named =
    rest.length === 0
      ? (patch.value as Record<string, unknown> | null)?.[key]
      : patches.find(({ op, path }) => path === `${root}/${key}` && (op === "add" || op === "replace"))?.value;
  if (named === undefined) throw badUpdate(`Invalid patch - no id or url found for path with root ${root}`);
  if (named !== item[key]) throw badUpdate(`Invalid patch - the ${key} is not that of ${root}`);
}

/** Only whole items are removed, and only right after a test that it is the item meant. */
function checkRemoval({ path }: Patch, parts: string[], previous: Patch | undefined): void {
  const isNested = parts.length === 4 && parts[0] === "extension" && parts[2] === "extension";
  if (parts.length !== 2 && !isNested) throw badUpdate("Invalid patch - parts of an item are replaced, not removed");
  const guards = [path, `${path}/${keyOf(parts[0] ?? "")}`];
  if (previous?.op !== "test" || !guards.includes(previous.path))
    throw badUpdate("Invalid patch - a removal must be immediately preceded by a test of the item");
}

function applyOne(patient: Patient, { op, value }: Patch, parts: string[]): void {
  const [root = "", index] = parts;
  const fields = patient as unknown as Record<string, unknown>;
  if (op === "add" && index === "-" && fields[root] === undefined) fields[root] = [];
  const place = placeOf(patient, parts);
  const current = valueAt(place);
  if (op !== "add" && current === undefined) throw nowhere();
  if (op === "test") {
    if (!isDeepStrictEqual(current, value)) throw badUpdate("Invalid patch - a test failed");
  } else if (op === "remove") {
    if ("list" in place) place.list.splice(place.index, 1);
    else delete place.object[place.name];
  } else if ("object" in place) place.object[place.name] = value;
  else if (op === "replace") place.list[place.index] = value;
  else if (place.index > place.list.length) throw nowhere();
  else place.list.splice(place.index, 0, index === "-" && parts.length === 2 ? withNewId(root, value) : value);
}

/** The service gives out ids itself, whatever the sender says. */
const withNewId = (list: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && list !== "extension" ? { ...value, id: newItemId() } : value;

/** Takes out what the service does not send back: empty lists and blank lines; refuses what an item cannot say. */
function tidy(patient: Patient, list: keyof Patient): void {
  const items = patient[list] as Record<string, unknown>[] | undefined;
  if (items === undefined) return;
  if (items.length === 0) delete patient[list];
  for (const item of items) {
    if (typeof item !== "object" || item === null)
      throw new PdsRefusal("INVALID_VALUE", `Invalid value - in '${list}'`);
    const strange = Object.keys(item).find((name) => !lists[list]!.has(name));
    if (strange !== undefined)
      throw new PdsRefusal(
        "ADDITIONAL_PROPERTIES",
        `Additional properties are not allowed ('${strange}' was unexpected)`,
      );
    if (Array.isArray(item.line)) item.line = item.line.filter((line) => line !== "");
  }
}
