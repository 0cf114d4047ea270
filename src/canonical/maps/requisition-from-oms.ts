// Reads an HL7 v2 OMS^O05 stock requisition order as canonical requisition lines.

import type { RequisitionLine, SourceCode } from "#canonical/model";
import { type Message, parseTimestamp } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";
import { tolerantly } from "./adt-identifiers.ts";
import { type OrderGroup, orderGroupsOf, placeOf } from "./oms-groups.ts";
import { statedInstantOf } from "./stated-instant.ts";

/** `zone` is the IANA name of the zone that times without an offset are in; `Europe/London` if not given. */
export type OmsOptions = { readonly today: string; readonly zone?: string | undefined };

const code = /^[A-Za-z0-9._/-](?:[A-Za-z0-9 ._/-]{0,48}[A-Za-z0-9._/-])?$/;
const lineNumber = /^0*[1-9][0-9]{0,3}$/;
/** NM (HL7 v2.5.1, 2.A.47), no further than it is held exactly. */
const quantity = /^\+?(?:[0-9]{1,9}(?:\.[0-9]{0,5})?|\.[0-9]{1,5})$/;
const LONGEST_TEXT = 100;

/**
 * Which code names the item: the sender's own (RQD-2), then the hospital's (RQD-4), then the receiver's (RQD-3), as HL7 v2.5.1,
 * 4.11.1 calls them. The first that is valued counts, so that one item goes by one code whatever else is said of it.
 */
const itemFields = [2, 4, 3] as const;

/** Placed, or written down. */
const orderTime = { paths: ["ORC-9", "MSH-7"], required: "MSH-7" } as const;

/**
 * Reads a stock requisition order (HL7 v2.5.1, 4.10.2 and 4.11): new orders only, one order a message. The lines stand in the
 * message's order. What PID, PV1 and notes say is never read: a line holds nothing of a patient.
 *
 * Throws `HL7_UNSUPPORTED_TYPE` at `MSH-9.1`; `HL7_UNSUPPORTED_EVENT` at `MSH-9.2`, or at `ORC-1` for anything but a new order;
 * `HL7_REQUIRED_FIELD` and `HL7_BAD_VALUE` at the field, e.g. `RQD[2]-5`: a code or a number of another form, a line number that
 * stands there twice (`RQD[2]-1`), a second order (`ORC[2]-2`), an ORC without a line (`RQD-1`).
 */
export function requisitionFromOms(message: Message, options: OmsOptions): readonly RequisitionLine[] {
  expectNewOrder(message);
  const groups = orderGroupsOf(message);
  const common = {
    source: codeAt(message, "MSH-3", ".1.1"),
    order: orderNumberOf(message),
    orderedAt: statedInstantOf(message, {
      ...orderTime,
      today: options.today,
      zone: options.zone ?? "Europe/London",
    }),
  };
  const lines = groups.map((group) => ({ ...common, ...lineOf(message, group) }));
  const numbers = lines.map(({ line }) => line);
  const twice = numbers.findIndex((line, index) => numbers.indexOf(line) < index);
  if (twice >= 0) throw new LockgateError("HL7_BAD_VALUE", { at: `${placeOf("RQD", groups[twice]!.rqd)}-1` });
  return lines;
}

/** The order that a message is about, `SOURCE:ORDER`: messages of one order keep their order. Never throws for an invalid message. */
export const orderSessionOf = (message: Message): string | undefined =>
  tolerantly(() => `${codeAt(message, "MSH-3", ".1.1")}:${codeAt(message, "ORC-2")}`, undefined);

/** The keys by which an order may be looked up: its number with and without whose it is. Never throws for an invalid message. */
export function orderKeysOf(message: Message): { readonly kind: "order"; readonly value: string }[] {
  const session = orderSessionOf(message);
  if (session === undefined) return [];
  return [session, session.slice(session.indexOf(":") + 1)].map((value) => ({ kind: "order", value }));
}

function expectNewOrder(message: Message): void {
  if (message.get("MSH-9.1")?.trim() !== "OMS") throw new LockgateError("HL7_UNSUPPORTED_TYPE", { at: "MSH-9.1" });
  const event = message.get("MSH-9.2")?.trim();
  if (!event) throw new LockgateError("HL7_REQUIRED_FIELD", { at: "MSH-9.2" });
  if (event !== "O05") throw new LockgateError("HL7_UNSUPPORTED_EVENT", { at: "MSH-9.2" });
  for (let orc = 1; orc <= message.count("ORC"); orc += 1) {
    const at = `${placeOf("ORC", orc)}-1`;
    // HL7 table 0119: changes and cancellations are other events in the life of an order that the ERP holds already.
    if (requiredAt(message, at) !== "NW") throw new LockgateError("HL7_UNSUPPORTED_EVENT", { at });
  }
}

/** Every ORC of the message names it: the standard has one before each line. */
function orderNumberOf(message: Message): string {
  const order = codeAt(message, "ORC-2");
  for (let orc = 2; orc <= message.count("ORC"); orc += 1) {
    const at = `${placeOf("ORC", orc)}-2`;
    if (codeAt(message, at) !== order) throw new LockgateError("HL7_BAD_VALUE", { at });
  }
  return order;
}

function lineOf(message: Message, { rqd, rq1 }: OrderGroup): Omit<RequisitionLine, "source" | "order" | "orderedAt"> {
  const at = placeOf("RQD", rqd);
  const itemField = itemFields.find((field) => textAt(message, `${at}-${field}`, ".1")) ?? itemFields[0];
  const supplier = rq1 === undefined ? undefined : optionalCodeAt(message, `${placeOf("RQ1", rq1)}-4`);
  const location = optionalCodeAt(message, `${at}-9`);
  const neededBy = dateAt(message, `${at}-10`);
  return {
    line: numberAt(message, `${at}-1`, lineNumber),
    item: codedAt(message, `${at}-${itemField}`),
    unit: codedAt(message, `${at}-6`),
    quantity: numberAt(message, `${at}-5`, quantity),
    ...(supplier && { supplier }),
    ...(location && { location }),
    ...(neededBy && { neededBy }),
  };
}

/** What a part of a field says; absent for the HL7 null, too. None of these fields repeats: of several nobody knows which is meant. */
function textAt(message: Message, at: string, part = ""): string | undefined {
  if (message.repetitions(at) > 1) throw new LockgateError("HL7_BAD_VALUE", { at });
  return message.get(`${at}${part}`)?.trim() || undefined;
}

function requiredAt(message: Message, at: string, part?: string): string {
  const text = textAt(message, at, part);
  if (text === undefined) throw new LockgateError("HL7_REQUIRED_FIELD", { at });
  return text;
}

function codeAt(message: Message, at: string, part = ".1"): string {
  const text = requiredAt(message, at, part);
  if (!code.test(text)) throw new LockgateError("HL7_BAD_VALUE", { at });
  return text;
}

/** One CWE (HL7 v2.5.1, 2.A.13): identifier and text. */
function codedAt(message: Message, at: string): SourceCode {
  const text = plainText(message.get(`${at}.2`) ?? "");
  return { code: codeAt(message, at), ...(text && { text }) };
}

/** A text beside no code is nothing that could be mapped. */
const optionalCodeAt = (message: Message, at: string): SourceCode | undefined =>
  textAt(message, at, ".1") === undefined ? undefined : codedAt(message, at);

/** On one line, without characters that show nothing or turn the line round. */
const plainText = (text: string): string =>
  [
    ...text
      .replaceAll(/\p{Cf}/gu, "")
      .replaceAll(/[\p{Cc}\p{Z}]+/gu, " ")
      .trim(),
  ]
    .slice(0, LONGEST_TEXT)
    .join("")
    .trim();

function numberAt(message: Message, at: string, form: RegExp): number {
  const text = requiredAt(message, at);
  const value = Number(text);
  if (!form.test(text) || !(value > 0)) throw new LockgateError("HL7_BAD_VALUE", { at });
  return value;
}

function dateAt(message: Message, at: string): string | undefined {
  const text = textAt(message, at);
  if (text === undefined) return undefined;
  const date = parseTimestamp(text)?.iso.slice(0, 10);
  if (date?.length !== 10) throw new LockgateError("HL7_BAD_VALUE", { at });
  return date;
}
