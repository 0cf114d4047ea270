// People as tests and demonstrations put them in: a FHIR Patient, or a flat form that is made into one.

import { randomUUID } from "node:crypto";
import { z } from "zod";
import { deathStatusUrl, type Patient, verificationUrl } from "./patient.ts";

const number = z.string().regex(/^\d{10}$/);
const flatSchema = z.strictObject({
  nhsNumber: number,
  title: z.string().optional(),
  familyName: z.string().min(1).optional(),
  givenName: z.union([z.string().min(1), z.array(z.string().min(1))]).optional(),
  /** A former family name, kept as a name of use "old". */
  formerFamilyName: z.string().min(1).optional(),
  birthDate: z.iso.date().optional(),
  gender: z.enum(["male", "female", "other", "unknown"]).optional(),
  addressLines: z.array(z.string()).optional(),
  postcode: z.string().optional(),
  phone: z.string().optional(),
  mobile: z.string().optional(),
  email: z.string().optional(),
  gpPracticeCode: z.string().optional(),
  /** 1 first or only, 2 second … of a birth. */
  birthOrder: z.int().min(1).max(9).optional(),
  restricted: z.boolean().default(false),
  deceased: z.strictObject({ on: z.iso.date(), status: z.enum(["informal", "formal"]) }).optional(),
});

const fhirSchema = z.looseObject({
  resourceType: z.literal("Patient"),
  id: number,
  meta: z.looseObject({ versionId: z.string().regex(/^\d{1,9}$/) }).optional(),
});

/** A person in the flat form. */
export type PersonInput = z.input<typeof flatSchema>;

/** A person from an admin body; throws ZodError. A check digit may be wrong: the NHS's own examples have such a one. */
export function patientFrom(input: unknown): Patient {
  const isFhir = typeof input === "object" && input !== null && "resourceType" in input;
  if (!isFhir) return patientFromFlat(flatSchema.parse(input));
  const given = fhirSchema.parse(input) as unknown as Patient & { meta?: Partial<Patient["meta"]> };
  const security = given.meta?.security ?? [confidentiality(false)];
  return { ...given, meta: { ...given.meta, versionId: given.meta?.versionId ?? "1", security } };
}

/** An id of a list item, of the kind the service gives out. */
export const newItemId = (): string => randomUUID().slice(0, 8).toUpperCase();

const confidentiality = (isRestricted: boolean): Patient["meta"]["security"][number] => ({
  system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
  code: isRestricted ? "R" : "U",
  display: isRestricted ? "restricted" : "unrestricted",
});

/** The identifier of a person: the verified NHS number. */
export const identifierOf = (nhsNumber: string): unknown[] => [
  {
    system: "https://fhir.nhs.uk/Id/nhs-number",
    value: nhsNumber,
    extension: [
      {
        url: verificationUrl,
        valueCodeableConcept: {
          coding: [
            {
              system: "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus",
              version: "1.0.0",
              code: "01",
              display: "Number present and verified",
            },
          ],
        },
      },
    ],
  },
];

const period = { start: "2020-01-01" };

function patientFromFlat(flat: z.output<typeof flatSchema>): Patient {
  const { nhsNumber, gender, birthDate, birthOrder, deceased } = flat;
  const lists = {
    name: namesOf(flat),
    address:
      flat.addressLines || flat.postcode !== undefined
        ? [
            {
              id: newItemId(),
              use: "home",
              period,
              ...(flat.addressLines && { line: flat.addressLines }),
              ...(flat.postcode !== undefined && { postalCode: flat.postcode }),
            },
          ]
        : [],
    telecom: (["phone", "mobile", "email"] as const).flatMap((kind) =>
      flat[kind] === undefined
        ? []
        : [
            {
              id: newItemId(),
              period,
              system: kind === "email" ? "email" : "phone",
              use: kind === "mobile" ? "mobile" : "home",
              value: flat[kind],
            },
          ],
    ),
    generalPractitioner:
      flat.gpPracticeCode === undefined
        ? []
        : [
            {
              id: newItemId(),
              type: "Organization",
              identifier: {
                system: "https://fhir.nhs.uk/Id/ods-organization-code",
                value: flat.gpPracticeCode,
                period,
              },
            },
          ],
    extension: deceased ? [deathNotification(deceased.status, deceased.on)] : [],
  };
  return {
    resourceType: "Patient",
    id: nhsNumber,
    identifier: identifierOf(nhsNumber),
    meta: { versionId: "1", security: [confidentiality(flat.restricted)] },
    ...(gender && { gender }),
    ...(birthDate && { birthDate }),
    ...(birthOrder && { multipleBirthInteger: birthOrder }),
    ...(deceased && { deceasedDateTime: `${deceased.on}T00:00:00+00:00` }),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
  };
}

function namesOf(flat: z.output<typeof flatSchema>): NonNullable<Patient["name"]> {
  const { familyName, givenName, formerFamilyName, title } = flat;
  if (familyName === undefined) return [];
  const given = givenName === undefined ? {} : { given: [givenName].flat() };
  const usual = { id: newItemId(), use: "usual", period, ...given, family: familyName };
  const former = { id: newItemId(), use: "old", period: { start: "2000-01-01", end: "2019-12-31" }, ...given };
  return [
    { ...usual, ...(title !== undefined && { prefix: [title] }) },
    ...(formerFamilyName === undefined ? [] : [{ ...former, family: formerFamilyName }]),
  ];
}

function deathNotification(status: "informal" | "formal", on: string): NonNullable<Patient["extension"]>[number] {
  const display =
    status === "formal"
      ? "Formal - death notice received from Registrar of Deaths"
      : "Informal - death notice received via an update from a local NHS Organisation such as GP or Trust";
  const coding = {
    system: "https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus",
    version: "1.0.0",
    code: status === "formal" ? "2" : "1",
    display,
  };
  return {
    url: deathStatusUrl,
    extension: [
      { url: "deathNotificationStatus", valueCodeableConcept: { coding: [coding] } },
      { url: "systemEffectiveDate", valueDateTime: `${on}T00:00:00+00:00` },
    ],
  };
}
