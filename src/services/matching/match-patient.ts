// A FHIR R4 Patient as the fields that matching compares.

import { z } from "zod";
import type { PersonChanges } from "#canonical/model";

/** Identifier system of the NHS number (NHS England FHIR naming systems). */
const NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number";

const text = z.string().max(1_000);
const use = { use: text.optional() };
const patientShape = z.looseObject({
  identifier: z.array(z.looseObject({ system: text.optional(), value: text.optional() })).optional(),
  name: z.array(z.looseObject({ ...use, family: text.optional(), given: z.array(text).optional() })).optional(),
  birthDate: text.optional(),
  gender: z.enum(["male", "female", "other", "unknown"]).optional(),
  address: z
    .array(
      z.looseObject({
        ...use,
        line: z.array(text).optional(),
        city: text.optional(),
        postalCode: text.optional(),
      }),
    )
    .optional(),
  telecom: z.array(z.looseObject({ ...use, system: text.optional(), value: text.optional() })).optional(),
});

/** The fields, or where the resource is not a Patient. */
export type PatientFields =
  | { readonly ok: true; readonly changes: PersonChanges }
  | { readonly ok: false; readonly at: string };

/**
 * Reads a Patient: the official name, the home address, and of several others the first; nothing that is `old`. A value
 * that cannot be one is not compared, as in any record.
 */
export function personOfPatient(patient: unknown): PatientFields {
  const parsed = patientShape.safeParse(patient);
  if (!parsed.success) return { ok: false, at: parsed.error.issues[0]!.path.join(".") || "the resource" };
  const { identifier, name, birthDate, gender, address, telecom } = parsed.data;
  const called = preferred(name, "official");
  const [givenName, ...middle] = called?.given ?? [];
  const home = preferred(address, "home");
  const reached = (system: string) =>
    preferred(
      telecom?.filter((one) => one.system === system),
      "mobile",
    )?.value;
  const said = {
    nhsNumber: identifier?.find(({ system }) => system === NHS_NUMBER)?.value,
    familyName: called?.family,
    givenName,
    middleNames: middle.join(" "),
    birthDate,
    gender,
    addressLine1: home?.line?.[0],
    addressLine2: home?.line?.[1],
    town: home?.city,
    postcode: home?.postalCode,
    phone: reached("phone"),
    email: reached("email"),
  };
  return { ok: true, changes: Object.fromEntries(Object.entries(said).filter(([, value]) => value)) as PersonChanges };
}

function preferred<Used extends { readonly use?: string | undefined }>(
  all: readonly Used[] | undefined,
  use: string,
): Used | undefined {
  const present = (all ?? []).filter((one) => one.use !== "old");
  return present.find((one) => one.use === use) ?? present[0];
}
