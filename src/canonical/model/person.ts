// The canonical person: what a source said about somebody, and that two records are one person.

import type { Finding } from "./reason-codes.ts";

/** Administrative gender, in the words of FHIR (`administrative-gender`). */
export type Gender = "male" | "female" | "other" | "unknown";

/**
 * NHS number status indicator (NHS Data Dictionary): 01 verified, 02 present not traced, 03 trace required, 04 traced with
 * no or several matches, 05 conflict to resolve, 06 trace in progress, 07 not present and none required, 08 postponed.
 */
export const nhsNumberStatuses = ["01", "02", "03", "04", "05", "06", "07", "08"] as const;
export type NhsNumberStatus = (typeof nhsNumberStatuses)[number];

/** What may be known of a person. Dates are ISO dates; `birthDate` may be partial (`1980`, `1980-05`). */
export type PersonFields = {
  /** Ten digits, check digit valid. */
  readonly nhsNumber: string;
  readonly nhsNumberStatus: NhsNumberStatus;
  readonly title: string;
  readonly familyName: string;
  readonly givenName: string;
  /** Further given names, separated by one space. */
  readonly middleNames: string;
  readonly birthDate: string;
  readonly gender: Gender;
  readonly addressLine1: string;
  readonly addressLine2: string;
  readonly town: string;
  readonly county: string;
  readonly postcode: string;
  readonly country: string;
  readonly phone: string;
  readonly email: string;
  /** ODS code of the practice the person is registered with. */
  readonly gpPracticeCode: string;
  readonly deceased: boolean;
  readonly deathDate: string;
};

/** The name of one field of a person; also the field path that findings carry. */
export type PersonField = keyof PersonFields;

/** Every field, in the order people read them. */
export const personFields = [
  "nhsNumber",
  "nhsNumberStatus",
  "title",
  "familyName",
  "givenName",
  "middleNames",
  "birthDate",
  "gender",
  "addressLine1",
  "addressLine2",
  "town",
  "county",
  "postcode",
  "country",
  "phone",
  "email",
  "gpPracticeCode",
  "deceased",
  "deathDate",
] as const satisfies readonly PersonField[];

/** An address: one thing in several fields. */
export const addressFields = [
  "addressLine1",
  "addressLine2",
  "town",
  "county",
  "postcode",
  "country",
] as const satisfies readonly PersonField[];

/** Fields that tell where a person is: of a restricted person (PDS `R`, `V`) not kept, written, shown or passed on. */
export const whereabouts: ReadonlySet<PersonField> = new Set([...addressFields, "phone", "email", "gpPracticeCode"]);

/** What a source said. Absent: nothing was said. `null`: explicitly removed. Else: set to the value. */
export type PersonChanges = { readonly [F in PersonField]?: PersonFields[F] | null };

/** The same three states as text, exactly as the source sent it. */
export type PersonTexts = { readonly [F in PersonField]?: string | null };

/** The sent text of fields whose canonical value is not that text: normalised, repaired or not taken. */
export type RawTexts = { readonly [F in PersonField]?: string };

/** A number by which one organisation knows the person. */
export type LocalIdentifier = {
  /** Assigning authority, as sent. */
  readonly system: string;
  readonly value: string;
};

/** How a message names a person. */
export type PersonKey = {
  /** In order of preference: the hospital's medical record number first. */
  readonly identifiers: readonly LocalIdentifier[];
  readonly nhsNumber?: string;
};

/** HL7 trigger events that tell of a person. */
export const personUpdateEvents = [
  "A01",
  "A02",
  "A03",
  "A04",
  "A05",
  "A06",
  "A07",
  "A08",
  "A11",
  "A12",
  "A13",
  "A14",
  "A28",
  "A31",
] as const;

/** HL7 trigger events that say that two identifiers are one person. */
export const personMergeEvents = ["A18", "A30", "A34", "A36", "A39", "A40", "A47"] as const;

/** Where a statement about a person comes from and when it became true. */
export type Statement<Event extends string> = {
  readonly event: Event;
  /** ISO instant in UTC: when the event happened, as far as the source says. */
  readonly eventAt: string;
  /** Sending application and facility, `application|facility`. */
  readonly source: string;
};

/** A source's statement about one person, checked. */
export type PersonUpdate = Statement<(typeof personUpdateEvents)[number]> & {
  readonly identifiers: readonly LocalIdentifier[];
  readonly fields: PersonChanges;
  readonly raw: RawTexts;
  readonly findings: readonly Finding[];
  /** Why, in the words of the person or machine that says it: for whoever decides. */
  readonly comment?: string;
};

/**
 * A source's statement that `retired` and `survivor` are one person, from now on known as `survivor`. Either may be
 * unknown here: a survivor never heard of takes the place of the retired one. `fields` are the survivor's.
 */
export type PersonMerge = Statement<(typeof personMergeEvents)[number]> & {
  readonly survivor: PersonKey;
  readonly retired: PersonKey;
  readonly fields: PersonChanges;
  readonly raw: RawTexts;
  readonly findings: readonly Finding[];
};

/** One text for an identifier, for keys and look-ups. Case is folded because ERPs and senders do not keep it. */
export const identifierKey = (identifier: LocalIdentifier): string =>
  `${identifier.system}:${identifier.value}`.toUpperCase();
