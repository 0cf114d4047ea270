// Rules that need several fields of one person, or the event that tells of them.

import { type Finding, finding, type PersonChanges } from "#canonical/model";
import { isAfter, latestDateOf } from "./dates.ts";
import { seemSwapped } from "./name.ts";

/** The event that the fields came with. */
type Occasion = { readonly event: string; readonly eventAt: string };

/** Events that a living person is needed for: admission, registration, pre-admission, pending admission. */
const livingEvents = new Set(["A01", "A04", "A05", "A14"]);
const addressFields = ["addressLine1", "addressLine2", "town", "county", "postcode"] as const;

const rules: readonly ((fields: PersonChanges, occasion: Occasion) => Finding | undefined)[] = [
  (fields, { eventAt }) => {
    if (!fields.birthDate) return undefined;
    const tooLate =
      isAfter(fields.birthDate, latestDateOf(eventAt)) ||
      (fields.deathDate && isAfter(fields.birthDate, fields.deathDate));
    return tooLate ? finding("DQ-DOB-008", "birthDate") : undefined;
  },
  ({ familyName, givenName }) =>
    familyName && givenName && seemSwapped(familyName, givenName) ? finding("DQ-NAM-007", "familyName") : undefined,
  (fields) => {
    const isSaid = addressFields.some((field) => fields[field]);
    return isSaid && !(fields.addressLine1 && fields.postcode) ? finding("DQ-ADR-001", "addressLine1") : undefined;
  },
  ({ deceased, deathDate }, { event, eventAt }) => {
    const contradicts = deathDate && (deceased === false || deceased === null);
    const comesAfter = deathDate && livingEvents.has(event) && isAfter(eventAt.slice(0, 10), deathDate);
    return contradicts || comesAfter ? finding("DQ-DTH-001", "deceased") : undefined;
  },
];

/** What the rules across fields find, in the order of the rules. */
export const findAcrossFields = (fields: PersonChanges, occasion: Occasion): Finding[] =>
  rules.flatMap((rule) => rule(fields, occasion) ?? []);
