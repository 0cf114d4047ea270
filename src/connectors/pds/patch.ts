// Canonical changes as the JSON Patch (RFC 6902) that PDS takes: by its rules on object ids, lists and removals.

import type { PersonChanges, PersonField } from "#canonical/model";
import { LockgateError } from "#kernel/errors";
import { type AddressParts, linesOf, partsOf } from "./address-lines.ts";
import { type Json, textOf, textsOf } from "./json.ts";
import {
  contactOf,
  contactPlace,
  deathNoticeOf,
  deathStatusOf,
  deathStatusUrl,
  homeOf,
  type Item,
  isInForce,
  nameOf,
  practiceOf,
} from "./patient.ts";

/** One operation of the patch. */
export type Operation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** Where the changes apply. */
type Target = { readonly patient: Json; readonly changes: PersonChanges; readonly today: string };

type Edits = {
  readonly edits: readonly Operation[];
  readonly removals?: readonly (Item & { readonly list: string })[];
};

const none: Edits = { edits: [] };

const refuse = (at: PersonField, reason: string): never => {
  throw new LockgateError("NATIONAL_REFUSED", { at, reason });
};

/**
 * The operations that make `changes` of the record, in an order in which no index moves before it is used.
 *
 * An object of a list is replaced whole, under its own id and use, without its period: PDS lets it begin today. A removal
 * comes right after a `test` of the object's id. Refused with `NATIONAL_REFUSED` at the field: `PDS_NOT_HELD` for what PDS
 * keeps no value of, `PDS_NOT_REMOVABLE`, `PDS_REQUIRED` where another value must come with it, `PDS_NOT_SETTABLE` for a
 * value that only others may set, `PDS_FORMAL_DEATH`.
 */
export function patchOf(patient: Json, changes: PersonChanges, today: string): Operation[] {
  for (const field of ["nhsNumber", "nhsNumberStatus", "country"] as const) {
    if (changes[field] !== undefined) refuse(field, "PDS_NOT_HELD");
  }
  const target = { patient, changes, today };
  const all = [
    nameEdits(target),
    birthEdits(target),
    addressEdits(target),
    contactEdits(target, "phone"),
    contactEdits(target, "email"),
    practiceEdits(target),
    deathEdits(target),
  ];
  // From the highest index down: those before it stay where they are.
  const removals = all.flatMap(({ removals = [] }) => removals).toSorted((a, b) => b.index - a.index);
  return [...all.flatMap(({ edits }) => edits), ...removals.flatMap(removed)];
}

const removed = ({ list, index, value }: Item & { list: string }): Operation[] => [
  textOf(value.id)
    ? { op: "test", path: `/${list}/${index}/id`, value: value.id }
    : { op: "test", path: `/${list}/${index}`, value },
  { op: "remove", path: `/${list}/${index}` },
];

/** Puts an object in the place of `item`, or at the end of the list where there is none. */
function put(list: string, item: Item | undefined, value: Json): Edits {
  const whole = withoutAbsent({ id: item?.value.id, ...value });
  return {
    edits: [
      item
        ? { op: "replace", path: `/${list}/${item.index}`, value: whole }
        : { op: "add", path: `/${list}/-`, value: whole },
    ],
  };
}

const withoutAbsent = (object: Json): Json =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );

/** A field of the record itself. */
const set = (patient: Json, field: string, value: string): Operation => ({
  op: patient[field] === undefined ? "add" : "replace",
  path: `/${field}`,
  value,
});

/** What a field will be: `before`, unless it changes. */
const after = (change: string | null | undefined, before: string | undefined): string | undefined =>
  change === undefined ? before : (change ?? undefined);

function nameEdits({ patient, changes, today }: Target): Edits {
  const { title, familyName, givenName, middleNames } = changes;
  if ([title, familyName, givenName, middleNames].every((change) => change === undefined)) return none;
  const item = nameOf(patient, today);
  const { use, family, given, prefix, suffix } = item?.value ?? {};
  const [first, ...further] = textsOf(given);
  const newFamily = after(familyName, textOf(family)) ?? refuse("familyName", "PDS_REQUIRED");
  const newFirst = after(givenName, first);
  const newFurther = middleNames === undefined ? further : (middleNames ?? "").split(" ").filter(Boolean);
  if (newFirst === undefined && newFurther.length > 0) refuse("givenName", "PDS_REQUIRED");
  return put("name", item, {
    use: use ?? "usual",
    prefix: title === undefined ? textsOf(prefix) : [title].filter((text) => text !== null),
    given: [newFirst, ...newFurther].filter((text) => text !== undefined),
    family: newFamily,
    suffix: textsOf(suffix),
  });
}

function birthEdits({ patient, changes: { gender, birthDate } }: Target): Edits {
  if (gender === null) refuse("gender", "PDS_NOT_REMOVABLE");
  // "Other" is told of old records and may not be set.
  if (gender === "other") refuse("gender", "PDS_NOT_SETTABLE");
  if (birthDate === null) refuse("birthDate", "PDS_NOT_REMOVABLE");
  if (birthDate && birthDate.length !== 10) refuse("birthDate", "PDS_NOT_SETTABLE");
  return {
    edits: [
      ...(gender ? [set(patient, "gender", gender)] : []),
      ...(birthDate ? [set(patient, "birthDate", birthDate)] : []),
    ],
  };
}

function addressEdits({ patient, changes, today }: Target): Edits {
  const { addressLine1, addressLine2, town, county, postcode } = changes;
  const areLinesKept = [addressLine1, addressLine2, town, county].every((change) => change === undefined);
  if (areLinesKept && postcode === undefined) return none;
  const item = homeOf(patient);
  // An address that has ended is replaced and not built upon.
  const { line, postalCode } = item && isInForce(item.value, today) ? item.value : {};
  const held: AddressParts = partsOf(textsOf(line));
  const lines = areLinesKept
    ? textsOf(line)
    : linesOf({
        addressLine1: after(addressLine1, held.addressLine1),
        addressLine2: after(addressLine2, held.addressLine2),
        town: after(town, held.town),
        county: after(county, held.county),
      });
  const newPostcode = after(postcode, textOf(postalCode));
  if (lines.length > 0 || newPostcode)
    return put("address", item, { use: "home", line: lines, postalCode: newPostcode });
  return item ? { edits: [], removals: [{ ...item, list: "address" }] } : none;
}

function contactEdits({ patient, changes, today }: Target, system: "phone" | "email"): Edits {
  const value = changes[system];
  if (value === undefined) return none;
  const current = contactOf(patient, system, today);
  if (value === null) return current ? { edits: [], removals: [{ ...current, list: "telecom" }] } : none;
  // PDS replaces only under the same system and use.
  if (current) return put("telecom", current, { system, use: current.value.use, value });
  const { use, held } = contactPlace(patient, system, value);
  return put("telecom", held, { system, use, value });
}

function practiceEdits({ patient, changes: { gpPracticeCode: value } }: Target): Edits {
  if (value === undefined) return none;
  if (value === null) return refuse("gpPracticeCode", "PDS_NOT_REMOVABLE");
  const identifier = { system: "https://fhir.nhs.uk/Id/ods-organization-code", value };
  return put("generalPractitioner", practiceOf(patient), { type: "Organization", identifier });
}

const informalNotice = {
  url: deathStatusUrl,
  extension: [
    {
      url: "deathNotificationStatus",
      valueCodeableConcept: {
        coding: [
          {
            system: "https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus",
            version: "1.0.0",
            code: "1",
            display: "Informal - death notice received via an update from a local NHS Organisation such as GP or Trust",
          },
        ],
      },
    },
  ],
};

/** A death is told informally, always with its date: the formal notice is the registrar's alone. */
function deathEdits({ patient, changes: { deceased, deathDate } }: Target): Edits {
  if (deceased === undefined && deathDate === undefined) return none;
  const status = deathStatusOf(patient);
  const at = deceased === undefined ? "deathDate" : "deceased";
  if (status === "2") refuse(at, "PDS_FORMAL_DEATH");
  if (deceased === false || deceased === null || deathDate === null) refuse(at, "PDS_NOT_REMOVABLE");
  const date = deathDate ?? textOf(patient.deceasedDateTime)?.slice(0, 10) ?? "";
  if (date.length !== 10) refuse("deathDate", "PDS_REQUIRED");
  const notice = deathNoticeOf(patient);
  return {
    edits: [
      set(patient, "deceasedDateTime", `${date}T00:00:00+00:00`),
      ...(status === "1" ? [] : put("extension", notice, informalNotice).edits),
    ],
  };
}
