// A PDS Patient as a national record: pure, and tolerant of everything that may be missing.

import type { NationalRecord } from "#canonical/contracts";
import { type Gender, nhsNumberStatuses, type PersonChanges, type PersonField } from "#canonical/model";
import {
  cleanText,
  compareEmail,
  hasValidCheckDigit,
  normaliseName,
  readDate,
  readPhone,
  readPostcode,
} from "#canonical/rules";
import { partsOf } from "./address-lines.ts";
import { type Json, listOf, objectOf, textOf, textsOf } from "./json.ts";
import {
  contactOf,
  deathStatusOf,
  homeOf,
  isInForce,
  isRegistered,
  nameOf,
  numberStatusOf,
  practiceOf,
} from "./patient.ts";

/** A resource as received, with the version it was received under. */
export type Received = { readonly patient: Json; readonly version: string; readonly nhsNumber: string };

/**
 * The resource if it is a Patient under a valid NHS number with a version: the ETag as it came, or one in its form made
 * of `meta.versionId` where there is none, as in a search.
 */
export function received(resource: unknown, etag?: string): Received | undefined {
  const patient = objectOf(resource);
  const { id, meta } = patient;
  if (patient.resourceType !== "Patient" || typeof id !== "string" || !hasValidCheckDigit(id)) return undefined;
  const versionId = textOf(objectOf(meta).versionId);
  const version = etag || (versionId && `W/"${versionId}"`);
  return version ? { patient, version, nhsNumber: id } : undefined;
}

const securityOf = (patient: Json): unknown[] => listOf(objectOf(patient.meta).security).map(({ code }) => code);

/** Whether the record was withdrawn. The service says so by an error; this is its second lock. */
export const isRedacted = (patient: Json): boolean => securityOf(patient).includes("REDACTED");

/** Anything but "unrestricted" withholds: R, V, and codes that may come. */
export const isRestricted = (patient: Json): boolean => securityOf(patient).some((code) => code !== "U");

/**
 * The record in canonical words.
 * @param today ISO date by which names, addresses and numbers are in force
 */
export function recordOf({ patient, version, nhsNumber }: Received, today: string): NationalRecord {
  const restricted = isRestricted(patient);
  const status = deathStatusOf(patient);
  const isDead = status === "1" || status === "2" || (status !== "U" && textOf(patient.deceasedDateTime) !== undefined);
  const fields: PersonChanges = told({
    nhsNumber,
    nhsNumberStatus: nhsNumberStatuses.find((known) => known === numberStatusOf(patient)),
    ...nameFields(patient, today),
    birthDate: readDate(textOf(patient.birthDate) ?? ""),
    gender: genders.find((known) => known === patient.gender),
    ...(restricted ? {} : whereaboutsOf(patient, today)),
    ...(isDead ? { deceased: true, deathDate: wholeDate(patient.deceasedDateTime) } : {}),
    // A notification that was taken back says that the person is alive.
    ...(status === "U" ? { deceased: false } : {}),
  });
  const record = { nhsNumber, version, restricted, fields };
  return isDead ? { ...record, death: status === "2" ? "formal" : "informal" } : record;
}

const genders: readonly Gender[] = ["male", "female", "other", "unknown"];

type Fields = { [F in PersonField]?: PersonChanges[F] | undefined };

/** The fields that have a value: absent, never blank. */
const told = (fields: Fields): PersonChanges =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""));

function nameFields(patient: Json, today: string): Fields {
  const { family, given, prefix } = nameOf(patient, today)?.value ?? {};
  const [first, ...further] = textsOf(given).map(normaliseName);
  return {
    title: textsOf(prefix).map(cleanText).join(" "),
    familyName: normaliseName(textOf(family) ?? ""),
    givenName: first,
    middleNames: further.join(" "),
  };
}

function whereaboutsOf(patient: Json, today: string): Fields {
  const home = homeOf(patient)?.value;
  const isAtHome = home !== undefined && isInForce(home, today);
  const phone = textOf(contactOf(patient, "phone", today)?.value.value);
  const email = textOf(contactOf(patient, "email", today)?.value.value);
  const practice = practiceOf(patient);
  return {
    ...(isAtHome
      ? { ...partsOf(textsOf(home.line)), postcode: readPostcode(textOf(home.postalCode) ?? "").value }
      : {}),
    phone: phone && (readPhone(phone) ?? cleanText(phone)),
    email: email && canonicalEmail(email),
    gpPracticeCode:
      practice && isRegistered(practice, today)
        ? textOf(objectOf(practice.value.identifier).value)?.trim().toUpperCase()
        : undefined,
  };
}

/** The domain in lower case; what is no address is not told. */
const canonicalEmail = (text: string): string | undefined =>
  compareEmail(text) && cleanText(text).replace(/@.*$/, (domain) => domain.toLowerCase());

/** A death date is whole or none. */
function wholeDate(value: unknown): string | undefined {
  const date = readDate(textOf(value) ?? "");
  return date?.length === 10 ? date : undefined;
}
