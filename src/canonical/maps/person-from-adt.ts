// Reads an HL7 v2 ADT message as a canonical person update or merge.

import {
  type Finding,
  finding,
  identifierKey,
  type LocalIdentifier,
  type PersonKey,
  type PersonMerge,
  type PersonUpdate,
  personMergeEvents,
  personUpdateEvents,
} from "#canonical/model";
import { type CheckOptions, checkPerson, judgeNhsNumber } from "#canonical/rules";
import type { Message } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";
import { identifiersOf, nhsNumberOf, retiredIdentifiersOf, senderOf } from "./adt-identifiers.ts";
import { personTextsOf } from "./adt-texts.ts";
import { statedInstantOf } from "./stated-instant.ts";

/** `zone` is the IANA name of the zone that times without an offset are in; `Europe/London` if not given. */
export type AdtOptions = CheckOptions & { readonly zone?: string | undefined };

/** Event occurred, event recorded, message written. */
const eventTime = { paths: ["EVN-6", "EVN-2", "MSH-7"], required: "EVN-2" } as const;

/** What an ADT message says. */
export type AdtStatement =
  | { readonly kind: "update"; readonly update: PersonUpdate }
  | { readonly kind: "merge"; readonly merge: PersonMerge };

/**
 * Reads an ADT message. Everything that PID says is checked by `#canonical/rules`; ask `refuses(findings)` of the result.
 *
 * Updates are the events whose PID is the patient's present state: A01 to A08, A11 to A14, A28, A31.
 * Merges are A40 (v2.3.1 on) and what it replaced: A18, A30, A34, A36, A39; and A47, by which a wrong identifier gives way to
 * the right one: the record known by the old number is from then on known by the new one, as in a merge whose survivor
 * nobody has met. Not taken: A41 and A35 (accounts), A45 (visits), A17 (two patients swap beds), A24 and A37 (links, which
 * only a steward makes or breaks), A23 and A29 (deletions, which would have to undo what is already in the ERP).
 *
 * Throws `HL7_UNSUPPORTED_TYPE` at `MSH-9.1`, `HL7_UNSUPPORTED_EVENT` at `MSH-9.2`, `HL7_REQUIRED_FIELD` at `MSH-9.2`, `PID-3`,
 * `EVN-2` or `MRG-1`, and `HL7_BAD_VALUE` at the field: an unreadable `PID-7`, two NHS numbers in `PID-3`, several persons in
 * one message (`PID[2]-3`, `MRG[2]-1`), a merge of a record into itself (`MRG-1`).
 */
export function personFromAdt(message: Message, options: AdtOptions): AdtStatement {
  const event = eventOf(message);
  const updateEvent = personUpdateEvents.find((known) => known === event);
  if (updateEvent) return { kind: "update", update: { event: updateEvent, ...updateFrom(message, event, options) } };
  const mergeEvent = personMergeEvents.find((known) => known === event);
  if (mergeEvent) return { kind: "merge", merge: { event: mergeEvent, ...mergeFrom(message, event, options) } };
  throw new LockgateError("HL7_UNSUPPORTED_EVENT", { at: "MSH-9.2" });
}

function eventOf(message: Message): string {
  if (message.get("MSH-9.1")?.trim() !== "ADT") throw new LockgateError("HL7_UNSUPPORTED_TYPE", { at: "MSH-9.1" });
  const event = message.get("MSH-9.2")?.trim() || message.get("EVN-1")?.trim();
  if (!event) throw new LockgateError("HL7_REQUIRED_FIELD", { at: "MSH-9.2" });
  return event;
}

function updateFrom(message: Message, event: string, options: AdtOptions): Omit<PersonUpdate, "event"> {
  if (message.count("PID") > 1) throw new LockgateError("HL7_BAD_VALUE", { at: "PID[2]-3" });
  const sent = identifiersOf(message);
  const { local, nhs } = sent;
  if (local.length === 0 && nhs.length === 0) throw new LockgateError("HL7_REQUIRED_FIELD", { at: "PID-3" });
  const eventAt = statedInstantOf(message, {
    ...eventTime,
    today: options.today,
    zone: options.zone ?? "Europe/London",
  });
  const nhsNumber = nhsNumberOf(sent);
  const texts = { ...personTextsOf(message, options.today), ...(nhsNumber === undefined ? {} : { nhsNumber }) };
  const checked = checkPerson({ event, eventAt, texts }, options);
  if (checked.findings.some(({ code }) => code === "DQ-DOB-002")) {
    throw new LockgateError("HL7_BAD_VALUE", { at: "PID-7", reason: "DQ-DOB-002" });
  }
  // A number that is not taken leaves nobody to know the person by.
  if (local.length === 0 && !checked.fields.nhsNumber) {
    const reason = checked.findings.find(({ field }) => field === "nhsNumber")?.code;
    throw new LockgateError("HL7_BAD_VALUE", { at: nhs[0]?.at ?? "PID-3", ...(reason ? { reason } : {}) });
  }
  return { eventAt, source: senderOf(message), identifiers: local, ...checked };
}

function mergeFrom(message: Message, event: string, options: AdtOptions): Omit<PersonMerge, "event"> {
  if (message.count("MRG") > 1) throw new LockgateError("HL7_BAD_VALUE", { at: "MRG[2]-1" });
  const { identifiers, ...said } = updateFrom(message, event, options);
  const { key: retired, findings } = retiredFrom(message, options);
  // After the merge some senders list the retired numbers among the survivor's.
  const own = identifiers.filter((identifier) => !retired.identifiers.some((other) => isSame(identifier, other)));
  const sharesNhsNumber = retired.nhsNumber !== undefined && retired.nhsNumber === said.fields.nhsNumber;
  const namesNobodyElse = retired.identifiers.length === 0 && sharesNhsNumber;
  if (namesNobodyElse || (own.length === 0 && (identifiers.length > 0 || sharesNhsNumber))) {
    throw new LockgateError("HL7_BAD_VALUE", { at: "MRG-1" });
  }
  const nhsNumber = said.fields.nhsNumber ?? undefined;
  const survivor: PersonKey = { identifiers: own, ...(nhsNumber ? { nhsNumber } : {}) };
  return { ...said, survivor, retired, findings: [...said.findings, ...findings] };
}

function retiredFrom(message: Message, options: AdtOptions): { key: PersonKey; findings: Finding[] } {
  const sent = retiredIdentifiersOf(message);
  const text = nhsNumberOf(sent);
  const judged = text === undefined ? undefined : judgeNhsNumber(text, options.environment);
  const findings = judged?.codes.map((code) => finding(code, "retired.nhsNumber")) ?? [];
  if (sent.local.length === 0 && judged?.value === undefined)
    throw new LockgateError("HL7_REQUIRED_FIELD", { at: "MRG-1" });
  return { key: { identifiers: sent.local, ...(judged?.value ? { nhsNumber: judged.value } : {}) }, findings };
}

const isSame = (one: LocalIdentifier, other: LocalIdentifier): boolean => identifierKey(one) === identifierKey(other);
