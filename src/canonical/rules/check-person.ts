// Every rule over one person: what is stored, what was found, and what was sent where that differs.

import {
  type Finding,
  finding,
  type PersonChanges,
  type PersonField,
  type PersonFields,
  type PersonTexts,
  personFields,
  type RawTexts,
  type ReasonCode,
} from "#canonical/model";
import { findAcrossFields } from "./across-fields.ts";
import { judgeDeceased, judgeGender, judgeNhsNumberStatus, judgePracticeCode } from "./codes.ts";
import { judgeEmail, judgePhone } from "./contact.ts";
import { judgeCountry } from "./country.ts";
import { judgeBirthDate, judgeDeathDate } from "./dates.ts";
import { type Judgement, notTaken, taken } from "./judgement.ts";
import { judgeName } from "./name.ts";
import { type Environment, judgeNhsNumber } from "./nhs-number.ts";
import { judgePostcode } from "./postcode.ts";
import { cleanText } from "./sent-text.ts";

/** What a source said of a person, in its own texts. */
export type SentPerson = {
  /** Trigger event, e.g. `A31`. */
  readonly event: string;
  /** ISO instant in UTC. */
  readonly eventAt: string;
  readonly texts: PersonTexts;
};

/** `today` is an ISO date, in the zone of the hospital. */
export type CheckOptions = { readonly environment: Environment; readonly today: string };

/** The canonical fields, the texts that differ from them, and the findings in the order of `personFields`. */
export type CheckedPerson = {
  readonly fields: PersonChanges;
  readonly raw: RawTexts;
  readonly findings: readonly Finding[];
};

/** No canonical text is longer than this, in UTF-16 code units; an ERP takes less (`patientTextLimits`). */
export const maxTextLength = 250;

type Judge<F extends PersonField> = (
  text: string,
  options: CheckOptions,
  texts: PersonTexts,
) => Judgement<PersonFields[F]>;

const plain = (text: string): Judgement<string> => taken(cleanText(text));

const judges: { readonly [F in PersonField]: Judge<F> } = {
  nhsNumber: (text, { environment }) => judgeNhsNumber(text, environment),
  nhsNumberStatus: judgeNhsNumberStatus,
  title: plain,
  familyName: (text) => judgeName(text, "family"),
  givenName: (text) => judgeName(text, "given"),
  middleNames: (text) => judgeName(text, "middle"),
  birthDate: (text, { today }) => judgeBirthDate(text, today),
  gender: judgeGender,
  addressLine1: plain,
  addressLine2: plain,
  town: plain,
  county: plain,
  postcode: (text, _options, texts) => judgePostcode(text, texts.country),
  country: judgeCountry,
  phone: judgePhone,
  email: judgeEmail,
  gpPracticeCode: judgePracticeCode,
  deceased: judgeDeceased,
  deathDate: (text, { today }) => judgeDeathDate(text, today),
};

/** What it means when a field is missing, that is not said, or removed. */
const missingCodes: { readonly [F in PersonField]?: ReasonCode } = {
  nhsNumber: "DQ-NHS-001",
  familyName: "DQ-NAM-001",
  givenName: "DQ-NAM-002",
  birthDate: "DQ-DOB-001",
  gender: "DQ-GEN-001",
  postcode: "DQ-PCD-001",
};

/**
 * Checks a person as sent. A field whose text is not taken counts as not said: a bad value never blanks a good one.
 * Blank text is not said either; only `null` removes. Never throws, whatever the texts are.
 */
export function checkPerson(sent: SentPerson, options: CheckOptions): CheckedPerson {
  const fields: Record<string, string | boolean | null> = {};
  const raw: Record<string, string> = {};
  const findings: Finding[] = [];
  for (const field of personFields) {
    const text = sent.texts[field];
    const missing = missingCodes[field];
    if (text === null) fields[field] = null;
    if (text === undefined || text === null || cleanText(text) === "") {
      if (missing) findings.push(finding(missing, field));
      continue;
    }
    const { value, codes } =
      text.length > maxTextLength ? notTaken("DQ-LEN-001") : judges[field](text, options, sent.texts);
    findings.push(...codes.map((code) => finding(code, field)));
    if (value !== undefined) fields[field] = value;
    if (value === undefined || String(value) !== text) raw[field] = text;
  }
  const taken = fields as PersonChanges;
  findings.push(...findAcrossFields(taken, sent));
  const settled = settle(taken);
  if (taken.nhsNumberStatus && !settled.nhsNumberStatus) raw.nhsNumberStatus = sent.texts.nhsNumberStatus ?? "";
  return { fields: settled, raw, findings };
}

/** Whether a finding refuses the record as a whole. */
export const refuses = (findings: readonly Finding[]): boolean =>
  findings.some(({ severity }) => severity === "reject");

// A status says something of a number: without the number that came with it, it would be said of another one.
// A death date says that the person is dead, unless the flag says otherwise.
function settle(fields: PersonChanges): PersonChanges {
  const { nhsNumberStatus, ...others } = fields;
  const dead = typeof fields.deathDate === "string" && fields.deceased === undefined ? { deceased: true } : {};
  const ofNumber = nhsNumberStatus === "01" || nhsNumberStatus === "02";
  const keepsStatus = nhsNumberStatus !== undefined && (typeof fields.nhsNumber === "string" || !ofNumber);
  return { ...others, ...dead, ...(keepsStatus ? { nhsNumberStatus } : {}) };
}
