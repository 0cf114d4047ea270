// Writes the acknowledgement of a message in its sender's version and delimiters, and reads those of others.
//
// HL7 v2.8, 2.9 and 2.15. MSA-1 is of table 0008. Errors: before 2.5 one ERR with a repetition of ERR-1 for each (segment,
// sequence, field, code); from 2.5 on one ERR for each, with ERR-2 location, ERR-3 condition (table 0357), ERR-4 severity,
// ERR-5 our code and reason, ERR-8 a text for the user. No value of the message is ever quoted.

import { errorTable, LockgateError } from "#kernel/errors";
import { encodeText } from "./charset.ts";
import { asBuffer } from "./decode.ts";
import { delimitersOf } from "./delimiters.ts";
import { escapeText } from "./escape.ts";
import { unknownHeader } from "./header.ts";
import { parse } from "./message.ts";
import { readPath } from "./path.ts";
import type { AcknowledgedError, Acknowledgement, Answer, AnswerError, Delimiters, Header, Message } from "./types.ts";

/** HL7 table 0357, message error condition codes. */
const conditionTexts: Readonly<Record<number, string>> = {
  100: "Segment sequence error",
  101: "Required field missing",
  102: "Data type error",
  103: "Table value not found",
  200: "Unsupported message type",
  201: "Unsupported event code",
  202: "Unsupported processing id",
  203: "Unsupported version id",
  204: "Unknown key identifier",
  205: "Duplicate key identifier",
  206: "Application record locked",
  207: "Application internal error",
};

const byteOrderMarks: Readonly<Record<string, readonly number[]>> = {
  "utf-16le": [0xff, 0xfe],
  "utf-16be": [0xfe, 0xff],
};

/** A version as a number that sorts: 2.3.1 is 20301. A version that cannot be read counts as 2.5. */
function versionOrder(version: string): number {
  const parts = /^([0-9]{1,2})\.([0-9]{1,2})(?:\.([0-9]{1,2}))?/.exec(version);
  return parts === null ? 20500 : Number(parts[1]) * 10000 + Number(parts[2]) * 100 + Number(parts[3] ?? 0);
}

/**
 * The acknowledgement of the message that `header` began, ending with CR. `header` is `unknownHeader` for a message without
 * a usable MSH. Throws `HL7_BAD_DELIMITERS` when `header` was not made by `readHeader`.
 */
export function acknowledge(header: Header, answer: Answer): Buffer {
  const delimiters = delimitersOf(header.fieldSeparator, header.encodingCharacters);
  const order = versionOrder(header.version);
  const errors = answer.errors ?? [];
  const join = (pieces: readonly string[]) => withoutEmptyEnd(pieces).join(delimiters.field);
  const segments = [join(mshOf(header, answer, delimiters, order)), join(msaOf(header, answer, delimiters, order))];
  if (order >= 20500) {
    for (const error of errors) segments.push(join(errOf(error, delimiters)));
  } else if (errors.length > 0) {
    segments.push(
      join(["ERR", errors.map((error) => oldLocation(error, delimiters, order)).join(delimiters.repetition)]),
    );
  }
  const body = encodeText(`${segments.join("\r")}\r`, header.encoding);
  const mark = byteOrderMarks[header.encoding];
  return mark === undefined ? body : Buffer.concat([Buffer.from(mark), body]);
}

function mshOf(header: Header, answer: Answer, delimiters: Delimiters, order: number): string[] {
  const { component } = delimiters;
  // The message structure, MSH-9.3, exists from 2.3.1 on.
  const type = header.event === "" ? "ACK" : `ACK${component}${header.event}${order >= 20301 ? `${component}ACK` : ""}`;
  return [
    "MSH",
    header.encodingCharacters,
    header.receivingApplication,
    header.receivingFacility,
    header.sendingApplication,
    header.sendingFacility,
    timestampOf(answer.at),
    "",
    type,
    escaped(answer.controlId, delimiters),
    header.processingId || unknownHeader.processingId,
    header.version || unknownHeader.version,
    ...["", "", "", "", ""],
    header.charset,
  ];
}

function msaOf(header: Header, answer: Answer, delimiters: Delimiters, order: number): string[] {
  const first = answer.errors?.[0];
  // MSA-3 carries the text where ERR has no place for one.
  const text = first !== undefined && order < 20500 ? escaped(errorTable[first.code].text, delimiters) : "";
  return ["MSA", answer.code, header.controlId, text];
}

function errOf(error: AnswerError, delimiters: Delimiters): string[] {
  const { component } = delimiters;
  const row = errorTable[error.code];
  const condition = [String(row.hl7), escaped(conditionTexts[row.hl7] ?? "", delimiters), "HL70357"].join(component);
  const reason = error.reason === undefined ? [] : [escaped(error.reason, delimiters), "", "L"];
  const own = [escaped(error.code, delimiters), "", "L", ...reason].join(component);
  return ["ERR", "", locationOf(error.at).join(component), condition, "E", own, "", "", escaped(row.text, delimiters)];
}

/** ELD of 2.1 to 2.4: segment, sequence, field, code; the code became a coded element in 2.3.1. */
function oldLocation(error: AnswerError, delimiters: Delimiters, order: number): string {
  const { component, subcomponent } = delimiters;
  const code = errorTable[error.code].hl7;
  const coded = order >= 20301 && subcomponent !== "";
  const condition = coded
    ? [String(code), escaped(conditionTexts[code] ?? "", delimiters), "HL70357"].join(subcomponent)
    : String(code);
  const [segment = "", sequence = "", field = ""] = locationOf(error.at);
  return [segment, sequence, field, condition].join(component);
}

/** ERL: segment, sequence, field, repetition, component, subcomponent, as far as `at` says. */
function locationOf(at: string | undefined): string[] {
  if (at === undefined) return [];
  if (/^[A-Z][A-Z0-9]{2}$/.test(at)) return [at, "1"];
  const path = readPath(at);
  if (path === undefined) return [];
  const { segment, occurrence, field, repetition, component, subcomponent } = path;
  const parts = [
    segment,
    occurrence || 1,
    field,
    component > 0 ? repetition || 1 : repetition,
    component,
    subcomponent,
  ];
  return withoutEmptyEnd(parts.map((part) => (part === 0 ? "" : String(part))));
}

/** Text for a field; what cannot be escaped for want of an escape character is left out. */
function escaped(text: string, delimiters: Delimiters): string {
  if (delimiters.escape !== "") return escapeText(text, delimiters);
  const own = new Set(Object.values(delimiters));
  return [...text].filter((character) => character >= " " && !own.has(character)).join("");
}

function withoutEmptyEnd(pieces: readonly string[]): string[] {
  let length = pieces.length;
  while (length > 0 && pieces[length - 1] === "") length -= 1;
  return pieces.slice(0, length);
}

/** `YYYYMMDDHHMMSS+0000`. */
const timestampOf = (at: Date) => `${at.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}+0000`;

/**
 * Reads an acknowledgement. Throws as `parse` does, and `HL7_REQUIRED_FIELD` at `MSA-1` when it says not how it answers.
 * `controlId` is `""` in the answer to a message that could not be read.
 */
export function readAcknowledgement(bytes: Uint8Array): Acknowledgement {
  const message = parse(asBuffer(bytes));
  const code = message.get("MSA-1.1");
  if (!code) throw new LockgateError("HL7_REQUIRED_FIELD", { at: "MSA-1" });
  // What could not be read has no control id to answer to.
  const controlId = message.get("MSA-2") ?? "";
  const errors: AcknowledgedError[] = [];
  for (let number = 1; number <= message.count("ERR"); number += 1) {
    const repetitions = message.repetitions(`ERR[${number}]-1`);
    const old = message.get(`ERR[${number}]-3`) === undefined && repetitions > 0;
    if (old)
      for (let each = 1; each <= repetitions; each += 1) errors.push(oldError(message, `ERR[${number}]-1[${each}]`));
    else errors.push(newError(message, `ERR[${number}]`));
  }
  return { code, controlId, errors };
}

function newError(message: Message, segment: string): AcknowledgedError {
  const location = placeOf([1, 2, 3, 4, 5, 6].map((part) => message.get(`${segment}-2.${part}`)));
  const reason = codeIn(message.get(`${segment}-5.4`)) ?? codeIn(message.get(`${segment}-5.1`));
  return errorOf(location, codeIn(message.get(`${segment}-3.1`)), reason);
}

function oldError(message: Message, repetition: string): AcknowledgedError {
  const location = placeOf([1, 2, 3].map((part) => message.get(`${repetition}.${part}`)));
  return errorOf(location, codeIn(message.get(`${repetition}.4.1`)), undefined);
}

const errorOf = (
  location: string | undefined,
  code: string | undefined,
  reason: string | undefined,
): AcknowledgedError => ({
  ...(location === undefined ? {} : { location }),
  ...(code === undefined ? {} : { code }),
  ...(reason === undefined ? {} : { reason }),
});

/** A code is safe to log; anything longer or looser may be a text that quotes the message. */
const codeIn = (text: string | undefined) => (text !== undefined && /^[\w.:-]{1,64}$/.test(text) ? text : undefined);

/** The parts of a location as a field path; `undefined` when they make none. */
function placeOf([segment, sequence, field, repetition, component, subcomponent]: (string | undefined)[]) {
  const index = (number: string | undefined) => (number === undefined || number === "1" ? "" : `[${number}]`);
  const begin = `${segment ?? ""}${index(sequence)}`;
  if (!field) return /^[A-Z][A-Z0-9]{2}(?:\[[0-9]{1,6}\])?$/.test(begin) ? begin : undefined;
  const deeper = component ? `.${component}${subcomponent ? `.${subcomponent}` : ""}` : "";
  const place = `${begin}-${field}${index(repetition)}${deeper}`;
  return readPath(place) === undefined ? undefined : place;
}
