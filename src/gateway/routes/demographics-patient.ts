// A masked person as a FHIR R4 Patient: what the masks left, and nothing else.

import type { PersonRecord } from "#services/demographics";
import type { Resource } from "#services/matching";
import type { Json } from "../policy/serialise.ts";

/** Identifier system of the NHS number (NHS England FHIR naming systems). */
const NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number";
/** HL7 v3-Confidentiality: where a restricted person is, is not told. */
const RESTRICTED = { system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" };

type Masked = { readonly [name: string]: Json };

/** Members that have a value; undefined where none has. */
function some(members: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const told = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

const list = <One>(...all: readonly (One | undefined)[]): One[] | undefined => {
  const told = all.filter((one) => one !== undefined);
  return told.length === 0 ? undefined : told;
};

const texts = (...values: readonly (Json | undefined)[]): string[] | undefined =>
  list(...values.map((value) => (typeof value === "string" ? value : undefined)));

/** The resource of a person, of whom `masked` is shown. */
export function patientOf({ id, restricted }: PersonRecord, masked: Masked): Resource {
  const called = some({
    family: masked.familyName,
    given: texts(
      masked.givenName,
      ...String(masked.middleNames ?? "")
        .split(" ")
        .filter(Boolean),
    ),
    prefix: texts(masked.title),
  });
  const home = some({
    line: texts(masked.addressLine1, masked.addressLine2),
    city: masked.town,
    district: masked.county,
    postalCode: masked.postcode,
    country: masked.country,
  });
  const number = (value: Json | undefined) => (typeof value === "string" ? { system: NHS_NUMBER, value } : undefined);
  const reached = (system: string, value: Json | undefined) =>
    typeof value === "string" ? { system, value } : undefined;
  const own = (masked.identifiers ?? []) as readonly Masked[];
  return {
    resourceType: "Patient",
    id,
    ...(restricted ? { meta: { security: [RESTRICTED] } } : {}),
    ...some({
      identifier: list<unknown>(number(masked.nhsNumber), ...own),
      name: called && [{ use: "official", ...called }],
      birthDate: masked.birthDate,
      gender: masked.gender,
      address: home && [{ use: "home", ...home }],
      telecom: list(reached("phone", masked.phone), reached("email", masked.email)),
      deceasedDateTime: masked.deathDate,
      deceasedBoolean: masked.deathDate === undefined || masked.deathDate === null ? masked.deceased : undefined,
    }),
  };
}
