// What PID and PD1 say of a person, field by field, in the sender's own texts.

import { addressFields, type PersonField, type PersonTexts } from "#canonical/model";
import { isAfter, isPracticeCode, readDate } from "#canonical/rules";
import type { Message } from "#formats/hl7v2";

/** A text, `null` for the HL7 null, `undefined` when nothing was said. */
type Said = string | null | undefined;

/** The texts of a person, but for the NHS number, which is among the identifiers. `today` tells addresses that have ended. */
export function personTextsOf(message: Message, today: string): PersonTexts {
  const entries = Object.entries({
    // PID-32 is a list that also holds codes of HL7 table 0445; only the NHS status is numeric.
    nhsNumberStatus: message.all("PID-32").find((text) => /^\s*[0-9]{1,2}\s*$/.test(text)),
    ...nameTexts(message),
    birthDate: said(message, "PID-7.1"),
    gender: said(message, "PID-8.1.1"),
    ...addressTexts(message, today),
    ...contactTexts(message),
    gpPracticeCode: practiceText(message),
    deathDate: said(message, "PID-29.1"),
    deceased: said(message, "PID-30.1"),
  } satisfies { [F in PersonField]?: Said });
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined));
}

const said = (message: Message, path: string): Said => (message.isNull(path) ? null : message.get(path));
const either = (first: Said, otherwise: Said): Said => (first === undefined ? otherwise : first);

/**
 * The repetition of `path` whose type code (component 7 of XPN and of XAD) comes first in `types`, as a path; one of
 * another type is never taken. No code is the empty one.
 */
function bestRepetition(
  message: Message,
  path: string,
  types: readonly string[],
  isCurrent: (at: string) => boolean,
): string | undefined {
  return Array.from({ length: message.repetitions(path) }, (_, index) => `${path}[${index + 1}]`)
    .map((at) => ({ at, rank: types.indexOf(message.get(`${at}.7.1`)?.trim().toUpperCase() ?? "") }))
    .filter(({ at, rank }) => rank >= 0 && message.get(at) !== undefined && isCurrent(at))
    .toSorted((one, other) => one.rank - other.rank)[0]?.at;
}

// HL7 table 0200: legal, unmarked, unspecified, display, adopted; aliases, maiden names and nicknames are other names.
const nameTypes = ["L", "", "U", "D", "C"];
// HL7 table 0190: home, permanent, unmarked, legal, mailing; never office, birth, bad or temporary ones.
const addressTypes = ["H", "P", "", "L", "M"];

function nameTexts(message: Message): { [F in PersonField]?: Said } {
  const at = bestRepetition(message, "PID-5", nameTypes, () => true);
  if (at === undefined) return {};
  return {
    familyName: said(message, `${at}.1.1`),
    givenName: said(message, `${at}.2`),
    middleNames: said(message, `${at}.3`),
    title: said(message, `${at}.5`),
  };
}

/**
 * The home address. It is one thing: when a line, the town or the postcode is said, the parts left out are removed, as a
 * new street beside the old postcode would be an address nobody gave.
 */
function addressTexts(message: Message, today: string): { [F in PersonField]?: Said } {
  const at = bestRepetition(message, "PID-11", addressTypes, (path) => !hasEnded(message, path, today));
  if (at === undefined) return {};
  const { addressLine2, ...others } = {
    addressLine1: either(said(message, `${at}.1.1`), streetOf(message, at)),
    addressLine2: said(message, `${at}.2`),
    town: said(message, `${at}.3`),
    county: either(said(message, `${at}.4`), said(message, `${at}.9`)),
    postcode: said(message, `${at}.5`),
    country: said(message, `${at}.6`),
  };
  const further = message.get(`${at}.8`);
  const texts = { ...others, addressLine2: [addressLine2, further].filter(Boolean).join(", ") || addressLine2 };
  const isWhole = Boolean(texts.addressLine1 || texts.addressLine2 || texts.town || texts.postcode);
  return Object.fromEntries(addressFields.map((part) => [part, isWhole && !texts[part]?.trim() ? null : texts[part]]));
}

// SAD.2 and SAD.3 (street and number) are used where SAD.1, the whole line, is empty.
function streetOf(message: Message, at: string): string | undefined {
  const parts = [message.get(`${at}.1.3`), message.get(`${at}.1.2`)].filter(Boolean);
  return parts.length > 0 ? parts.join(" ") : undefined;
}

// XAD.14, or the end of the range in XAD.12 before v2.7.
function hasEnded(message: Message, at: string, today: string): boolean {
  const end = readDate(message.get(`${at}.14.1`) || message.get(`${at}.12.2`) || "");
  return end !== undefined && isAfter(today, end);
}

/** Phone and e-mail: PID-13, or PID-40 which takes its place from v2.7 on. */
function contactTexts(message: Message): { [F in PersonField]?: Said } {
  if (message.isNull("PID-13")) return { phone: null, email: null };
  const path = message.get("PID-13") === undefined ? "PID-40" : "PID-13";
  const never = ["WPN", "EMR", "NET", "BPN", "VHN"];
  const points = Array.from({ length: message.repetitions(path) }, (_, index) =>
    readContact(message, `${path}[${index + 1}]`),
  );
  const phones = points.filter(({ phone, use }) => phone !== undefined && !never.includes(use));
  const main = phones.find(({ use }) => use === "PRN") ?? phones.find(({ use }) => use === "PRS") ?? phones[0];
  return { phone: main?.phone, email: points.find(({ email }) => email !== undefined)?.email };
}

/** One XTN: XTN.1 before v2.3 and by custom since, XTN.4 for e-mail, XTN.5 to 8 in parts, XTN.12 from v2.4 on. */
function readContact(message: Message, at: string) {
  const part = (number: number): string => message.get(`${at}.${number}.1`)?.trim() ?? "";
  const equipment = part(3).toUpperCase();
  const whole = part(1) || part(12);
  const email = [part(4), whole].find((text) => text.includes("@"));
  const isPhone = !["FX", "MD", "BP", "TDD", "TTY", "INTERNET", "X.400"].includes(equipment);
  const number = whole.includes("@") ? "" : whole || numberFromParts(part(5), part(6), part(7), part(8));
  return { use: part(2).toUpperCase(), email, phone: isPhone && number !== "" ? number : undefined };
}

function numberFromParts(country: string, area: string, local: string, extension: string): string {
  if (local === "") return "";
  const countryDigits = country.replace(/[^0-9]/g, "");
  const main = countryDigits ? `+${countryDigits}${area.replace(/^0/, "")}${local}` : `${area}${local}`;
  return extension ? `${main} ext ${extension}` : main;
}

/**
 * The GP practice: PD1-3 (XON.3, XON.10, XON.1), else PD1-4 (XCN.1), the first that has an ODS practice's form, as PD1-4
 * mostly names the doctor. A PD1-3 code of another form is passed on, to be flagged.
 */
function practiceText(message: Message): Said {
  if (message.isNull("PD1-3")) return null;
  const codes = ["3", "10.1", "1.1"].flatMap((part) => message.all(`PD1-3.${part}`));
  const doctors = message.all("PD1-4.1.1");
  return (
    [...codes, ...doctors].find(isPracticeCode) ?? (message.get("PD1-3.3") || message.get("PD1-3.10.1") || undefined)
  );
}
