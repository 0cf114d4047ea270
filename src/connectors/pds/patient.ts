// Where a PDS Patient holds what Lockgate reads and writes: which of several names, addresses and numbers is meant.

import { isAfter, readDate, readPhone } from "#canonical/rules";
import { type Json, listOf, objectOf, textOf } from "./json.ts";

/** One object of a list of the record, with its place there. */
export type Item = { readonly index: number; readonly value: Json };

const nhsNumberStatusUrl = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus";
export const deathStatusUrl = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus";

// The index counts every element, so that a patch names the place that the service means.
const itemsOf = (list: unknown): readonly Item[] =>
  Array.isArray(list) ? list.map((value, index) => ({ index, value: objectOf(value) })) : [];

/** Whether the object's period holds today; one without a period always does. */
export function isInForce({ period }: Json, today: string): boolean {
  const { start, end } = objectOf(period);
  const from = readDate(textOf(start) ?? "");
  const till = readDate(textOf(end) ?? "");
  return !(from && isAfter(from, today)) && !(till && isAfter(today, till));
}

/**
 * The usual name, in force if there is one: PDS holds exactly one usual name of everybody, whatever its period says.
 * An official one in its place; never a nickname, a former or a temporary name.
 */
export function nameOf(patient: Json, today: string): Item | undefined {
  const names = itemsOf(patient.name);
  const usual = names.filter(({ value }) => value.use === "usual");
  return (
    usual.find(({ value }) => isInForce(value, today)) ??
    usual[0] ??
    names.find(({ value }) => value.use === "official" && isInForce(value, today))
  );
}

/** The home address, in force or not: PDS holds at most one. */
export const homeOf = (patient: Json): Item | undefined =>
  itemsOf(patient.address).find(({ value }) => value.use === "home");

const usesOf = { phone: ["home", "mobile", "temp"], email: ["home", "mobile", "work", "temp"] } as const;

/** The number or address in force that comes first by its use; one at work is nobody's telephone. */
export function contactOf(patient: Json, system: "phone" | "email", today: string): Item | undefined {
  const points = itemsOf(patient.telecom).filter(
    ({ value }) => value.system === system && textOf(value.value) && isInForce(value, today),
  );
  for (const use of usesOf[system]) {
    const point = points.find(({ value }) => value.use === use);
    if (point) return point;
  }
  return undefined;
}

/** The use under which a contact would be added, and what stands there already, in force or not. */
export function contactPlace(patient: Json, system: "phone" | "email", text: string): { use: string; held?: Item } {
  const use = system === "phone" && readPhone(text)?.startsWith("+447") ? "mobile" : "home";
  const held = itemsOf(patient.telecom).find(({ value }) => value.system === system && value.use === use);
  return held ? { use, held } : { use };
}

/** The practice, in force or not: PDS holds at most one. */
export const practiceOf = (patient: Json): Item | undefined => itemsOf(patient.generalPractitioner)[0];

/** Whether its registration holds today. */
export const isRegistered = (practice: Item, today: string): boolean =>
  isInForce(objectOf(practice.value.identifier), today);

/** The death notification, whatever it says. */
export const deathNoticeOf = (patient: Json): Item | undefined =>
  itemsOf(patient.extension).find(({ value }) => value.url === deathStatusUrl);

/** `1` informal, `2` formal, `U` removed. */
export function deathStatusOf(patient: Json): string | undefined {
  const parts = listOf(deathNoticeOf(patient)?.value.extension);
  return codedBy(parts.find(({ url }) => url === "deathNotificationStatus"));
}

/** NHS number verification status, e.g. `01`. */
export const numberStatusOf = (patient: Json): string | undefined =>
  codedBy(listOf(listOf(patient.identifier)[0]?.extension).find(({ url }) => url === nhsNumberStatusUrl));

const codedBy = (extension: Json | undefined): string | undefined =>
  textOf(listOf(objectOf(extension?.valueCodeableConcept).coding)[0]?.code);
