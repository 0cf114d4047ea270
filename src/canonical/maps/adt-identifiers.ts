// Who an ADT message is about: local identifiers and the NHS number, read before and after validation.

import { identifierKey, type LocalIdentifier } from "#canonical/model";
import { hasValidCheckDigit } from "#canonical/rules";
import type { Message } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";

/** A key by which a message can be found: an NHS number as ten digits, or `AUTHORITY:VALUE` in upper case. */
export type BusinessKey = { readonly kind: "nhsNumber" | "localId"; readonly value: string };

/** The identifiers of one person in a message. */
export type SentIdentifiers = {
  /** Medical record numbers first, then internal identifiers, then the rest. Without duplicates. */
  readonly local: readonly LocalIdentifier[];
  /** Every NHS number as sent, with its field path. */
  readonly nhs: readonly { readonly text: string; readonly at: string }[];
};

/** The fields that identify the person a message is about, the older ones only used when `PID-3` names nobody. */
const personFieldPaths = { first: "PID-3", older: ["PID-2", "PID-4"] };
/** The fields that identify the person who is merged away; MRG-4 is the older one (withdrawn in v2.7). */
const retiredFieldPaths = { first: "MRG-1", older: ["MRG-4"] };

const nhsTypes = new Set(["NH", "NHS", "NHSN", "NHSNMBR", "NHSNUMBER"]);
const nhsAuthorities = new Set(["NHS", "NHSNBR", "2.16.840.1.113883.2.1.4.1", "HTTPS://FHIR.NHS.UK/ID/NHS-NUMBER"]);
/** Whether an assigning authority is the NHS: its numbers are NHS numbers, whatever they are called. */
export const isNhsAuthority = (authority: string): boolean => nhsAuthorities.has(authority.trim().toUpperCase());
// HL7 table 0203: what numbers a visit, an account, a document or a role rather than the hospital's patient.
const otherTypes = new Set(
  (
    "AN ANC AND ANON ANT VN BA BC BCT BR CC CY CZ DDS DEA DFN DI DL DN DO DP DPM DR DS DN EI EN FI GI GL GN HC IND JHN LN LR " +
    "MA MB MC MCD MCN MCR MCT MD MI NCT NE NI NII NIIP NPI PCN PEN PHC PHE PHO PN PPN RRI SB SL SN SP SR SS TAX TN TPR " +
    "UPIN USID WC WCN"
  ).split(" "),
);

/** The person that PID is about. */
export const identifiersOf = (message: Message): SentIdentifiers => {
  const sent = readIdentifiers(message, personFieldPaths);
  if (sent.nhs.length > 0) return sent;
  // PID-19 held the NHS number in older UK profiles; elsewhere it is a social security number, which is not ten digits.
  const legacy = message.get("PID-19")?.trim();
  return legacy && /^(?:[0-9][ -]?){10}$/.test(legacy) ? { ...sent, nhs: [{ text: legacy, at: "PID-19" }] } : sent;
};

/** The person that MRG is about. */
export const retiredIdentifiersOf = (message: Message): SentIdentifiers => readIdentifiers(message, retiredFieldPaths);

/** The one NHS number of a person. Throws `HL7_BAD_VALUE` where a message gives one person two different ones. */
export function nhsNumberOf(sent: SentIdentifiers): string | undefined {
  const [first, ...others] = sent.nhs;
  const different = others.find(({ text }) => digitsOf(text) !== digitsOf(first?.text ?? ""));
  if (different) throw new LockgateError("HL7_BAD_VALUE", { at: different.at });
  return first?.text;
}

/**
 * The key under which messages of one patient keep their order: the first local identifier, else the NHS number, else
 * `undefined`. Of a merge it is the survivor. Reads a message that may yet prove invalid, and never throws for it.
 */
export const sessionOf = (message: Message): string | undefined =>
  tolerantly(() => {
    const { local, nhs } = identifiersOf(message);
    if (local[0]) return identifierKey(local[0]);
    const digits = digitsOf(nhs[0]?.text ?? "");
    return digits === "" ? undefined : `NHS:${digits}`;
  }, undefined);

/** Every key by which a person may look the message up, the retired person's included. Never throws for a bad message. */
export const businessKeysOf = (message: Message): BusinessKey[] =>
  tolerantly(() => {
    const keys = new Map<string, BusinessKey>();
    for (const { local, nhs } of [identifiersOf(message), retiredIdentifiersOf(message)]) {
      for (const identifier of local)
        keys.set(identifierKey(identifier), { kind: "localId", value: identifierKey(identifier) });
      for (const { text } of nhs) {
        const value = digitsOf(text);
        if (hasValidCheckDigit(value)) keys.set(value, { kind: "nhsNumber", value });
      }
    }
    return [...keys.values()];
  }, []);

/** The sender, `application|facility`. */
export const senderOf = (message: Message): string =>
  `${message.get("MSH-3.1.1")?.trim() ?? ""}|${message.get("MSH-4.1.1")?.trim() ?? ""}`;

function readIdentifiers(
  message: Message,
  paths: { readonly first: string; readonly older: readonly string[] },
): SentIdentifiers {
  const read = (path: string) =>
    Array.from({ length: message.repetitions(path) }, (_, index) =>
      readIdentifier(message, `${path}[${index + 1}]`),
    ).filter((identifier) => identifier !== undefined);
  const first = read(paths.first);
  const older = paths.older.flatMap(read);
  const nhs = [...first, ...older].filter(({ kind }) => kind === "nhs");
  const isLocal = ({ kind }: { kind: string }) => kind === "local";
  const local = first.some(isLocal) ? first.filter(isLocal) : older.filter(isLocal);
  const unique = new Map(
    local
      .toSorted((one, other) => one.rank - other.rank)
      .map(({ system, value }) => [identifierKey({ system, value }), { system, value }] as const)
      .toReversed(),
  );
  return { local: [...unique.values()].toReversed(), nhs: nhs.map(({ value, at }) => ({ text: value, at })) };
}

/** One CX (HL7 v2.8, 2A.2.14). Without an assigning authority or facility the number is the sending facility's own. */
function readIdentifier(message: Message, at: string) {
  const text = (path: string): string => message.get(path)?.trim() ?? "";
  const value = text(`${at}.1.1`);
  if (value === "") return undefined;
  const type = text(`${at}.5.1`).toUpperCase();
  const namespace = text(`${at}.4.1`);
  const universal = text(`${at}.4.2`);
  const isNhs = nhsTypes.has(type) || [namespace, universal].some(isNhsAuthority);
  const system = namespace || universal || text(`${at}.6.1`) || text("MSH-4.1.1") || text("MSH-3.1.1");
  const kind = isNhs ? "nhs" : otherTypes.has(type) || system === "" ? "other" : "local";
  return { kind, system, value, at, rank: type === "MR" ? 0 : type === "PI" ? 1 : 2 };
}

const digitsOf = (text: string): string => text.replace(/[^0-9]/g, "");

/** What `read` gives; of a message whose escapes or encoding are damaged, which fails in validation with its own code and place, `otherwise`. */
export function tolerantly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof LockgateError) return otherwise;
    throw error;
  }
}
