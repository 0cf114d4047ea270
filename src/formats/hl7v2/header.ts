// Reads MSH alone, so that a message can be routed, recorded and answered before, or without, being parsed.

import { LockgateError } from "#kernel/errors";
import { asBuffer, decodeHeader, unicodeForm } from "./decode.ts";
import { delimitersOf, standardDelimiters } from "./delimiters.ts";
import { nullText } from "./element.ts";
import { startOfText } from "./lines.ts";
import type { Header } from "./types.ts";

/** What is known of a message whose MSH cannot be read; an acknowledgement of it names nobody. */
export const unknownHeader: Header = {
  fieldSeparator: standardDelimiters.field,
  encodingCharacters: "^~\\&",
  sendingApplication: "",
  sendingFacility: "",
  receivingApplication: "",
  receivingFacility: "",
  messageAt: "",
  type: "",
  event: "",
  structure: "",
  controlId: "",
  processingId: "P",
  version: "2.5",
  acceptAck: "",
  applicationAck: "",
  charset: "",
  encoding: "utf-8",
};

/**
 * Reads the MSH of a message; the cost does not grow with the message. A character set that is not supported, or bytes that are not
 * of it, do not stop it: the fields are then read byte by byte as ISO-8859-1.
 *
 * Throws `HL7_EMPTY`, `HL7_NO_HEADER`, `HL7_BAD_DELIMITERS`.
 */
export function readHeader(bytes: Uint8Array): Header {
  const decoded = decodeHeader(firstLine(asBuffer(bytes)));
  const text = decoded.text.slice(startOfText(decoded.text));
  if (text === "") throw new LockgateError("HL7_EMPTY");
  if (!text.startsWith("MSH")) throw new LockgateError("HL7_NO_HEADER", { at: "segment 1" });
  const fieldSeparator = text.charAt(3);
  const fields = fieldSeparator === "" ? [] : text.split(fieldSeparator);
  const encodingCharacters = fields[1] ?? "";
  const { component, repetition } = delimitersOf(fieldSeparator, encodingCharacters);
  const field = (number: number) => valued(fields[number - 1]);
  const [type, event, structure] = field(9).split(component);
  return {
    fieldSeparator,
    encodingCharacters,
    sendingApplication: field(3),
    sendingFacility: field(4),
    receivingApplication: field(5),
    receivingFacility: field(6),
    messageAt: field(7),
    type: valued(type),
    event: valued(event),
    structure: valued(structure),
    controlId: field(10),
    processingId: valued(field(11).split(component, 1)[0]),
    version: valued(field(12).split(component, 1)[0]),
    acceptAck: field(15),
    applicationAck: field(16),
    charset: valued(field(18).split(repetition, 1)[0]),
    encoding: decoded.encoding,
  };
}

const valued = (text: string | undefined) => (text === undefined || text === nullText ? "" : text);

/** The bytes up to the end of the first line that is not blank. */
function firstLine(bytes: Buffer): Buffer {
  const { encoding, leadBytes } = unicodeForm(bytes);
  const width = encoding?.startsWith("utf-16") ? 2 : 1;
  const low = encoding === "utf-16be" ? 1 : 0;
  let started = false;
  for (let at = leadBytes; at < bytes.length; at += width) {
    const code = width === 1 || bytes[at + 1 - low] === 0 ? bytes[at + low] : undefined;
    if (code === 13 || code === 10) {
      if (started) return bytes.subarray(0, at);
    } else if (code !== 32 && code !== 9) {
      started = true;
    }
  }
  return bytes;
}
