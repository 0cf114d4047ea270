// Finds the character set of a message and decodes its bytes.
//
// The bytes decide between UTF-16 (byte order mark, or a first letter of two bytes) and the rest; then MSH-18 decides. Without
// MSH-18 the standard says ASCII, which real senders do not keep to: bytes that are valid UTF-8 are read as UTF-8, all
// others as windows-1252 (ISO-8859-1 with the typographic characters Windows systems send). A byte order mark of UTF-8 is UTF-8
// declared. What is declared must hold: bytes that are not of the declared set are refused, since a name read wrongly is worse.

import { isAscii, isUtf8 } from "node:buffer";
import { LockgateError } from "#kernel/errors";
import { decodeExactly, encodeExactly, encodingNamed } from "./charset.ts";
import { headerField, startOfText } from "./lines.ts";

/** A message's text and how it came from its bytes. */
export type Decoded = {
  readonly text: string;
  readonly encoding: string;
  /** Length of the byte order mark, which is not in `text`. */
  readonly leadBytes: 0 | 2 | 3;
};

/** MSH-18 counts from MSH-1, so it is the 17th field after the separator. */
const charsetField = 17;

/** The same memory as a Buffer. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The form of Unicode that the first bytes show, and the length of the byte order mark. */
export function unicodeForm(bytes: Buffer): { readonly encoding?: string; readonly leadBytes: 0 | 2 | 3 } {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: "utf-8", leadBytes: 3 };
  if (first === 0xff && second === 0xfe) return { encoding: "utf-16le", leadBytes: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: "utf-16be", leadBytes: 2 };
  if (first !== 0 && second === 0) return { encoding: "utf-16le", leadBytes: 0 };
  if (first === 0 && second !== 0 && second !== undefined) return { encoding: "utf-16be", leadBytes: 0 };
  return { leadBytes: 0 };
}

/** What MSH-18 says: the encoding, `undefined` when there is none, or "unsupported". */
function declaredIn(text: string): string | undefined {
  const start = startOfText(text);
  if (!text.startsWith("MSH", start)) return undefined;
  const field = headerField(text, start, charsetField);
  if (field === undefined || field === "" || field === '""') return undefined;
  return encodingNamed(field, text[start + 5] ?? "~") ?? "unsupported";
}

/** Decodes a message. Throws `HL7_BAD_CHARSET` (at `MSH-18`) or `HL7_BAD_ENCODING` (at `segment n`). */
export function decodeMessage(bytes: Buffer): Decoded {
  const form = unicodeForm(bytes);
  const body = form.leadBytes === 0 ? bytes : bytes.subarray(form.leadBytes);
  if (form.encoding?.startsWith("utf-16")) return decodeUtf16Message(body, form.encoding, form.leadBytes);
  const ascii = isAscii(body);
  // Every other set keeps ASCII bytes as they are, so MSH-18 can be read before its own set is known.
  const raw = body.toString("latin1");
  const declared = declaredIn(raw);
  const encoding =
    declared === undefined
      ? (form.encoding ?? (ascii || isUtf8(body) ? "utf-8" : "windows-1252"))
      : singleByteUnit(declared);
  if (ascii && encoding !== "iso-2022-jp") return { text: raw, encoding, leadBytes: form.leadBytes };
  const text = decodeExactly(body, encoding);
  if (text === undefined)
    throw new LockgateError("HL7_BAD_ENCODING", { at: `segment ${firstBadSegment(body, encoding)}` });
  return { text, encoding, leadBytes: form.leadBytes };
}

/** The encoding when the bytes are not UTF-16. */
function singleByteUnit(named: string): string {
  if (named === "unsupported") throw new LockgateError("HL7_BAD_CHARSET", { at: "MSH-18" });
  if (named === "utf-16") throw new LockgateError("HL7_BAD_ENCODING", { at: "MSH-18" });
  return named === "unicode" ? "utf-8" : named;
}

function decodeUtf16Message(body: Buffer, encoding: string, leadBytes: Decoded["leadBytes"]): Decoded {
  const text = decodeExactly(body, encoding);
  if (text === undefined) throw new LockgateError("HL7_BAD_ENCODING", { at: "segment 1" });
  const named = declaredIn(text) ?? "utf-16";
  if (named === "unsupported") throw new LockgateError("HL7_BAD_CHARSET", { at: "MSH-18" });
  if (named !== "utf-16" && named !== "unicode") throw new LockgateError("HL7_BAD_ENCODING", { at: "MSH-18" });
  return { text, encoding, leadBytes };
}

/** The number, from 1, of the first segment whose bytes are not of the set. */
function firstBadSegment(body: Buffer, encoding: string): number {
  let segment = 0;
  for (let from = 0; from < body.length; ) {
    let end = from;
    while (end < body.length && body[end] !== 13 && body[end] !== 10) end += 1;
    if (end > from) {
      segment += 1;
      if (decodeExactly(body.subarray(from, end), encoding) === undefined) break;
    }
    from = end + 1;
  }
  return Math.max(segment, 1);
}

/**
 * Decodes the bytes of a header for an answer: what cannot be read by its set is read byte by byte as ISO-8859-1, so that
 * the answer gives the same bytes back.
 */
export function decodeHeader(bytes: Buffer): Decoded {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof LockgateError)) throw error;
    const form = unicodeForm(bytes);
    return { text: bytes.toString("latin1", form.leadBytes), encoding: "iso-8859-1", leadBytes: form.leadBytes };
  }
}

/** The bytes of a text message in the set its MSH-18 names, UTF-8 when it names none. */
export function encodeMessage(text: string): Buffer {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const named = declaredIn(body) ?? "utf-8";
  if (named === "unsupported") throw new LockgateError("HL7_BAD_CHARSET", { at: "MSH-18" });
  const bytes = encodeExactly(body, named === "utf-16" ? "utf-16be" : named === "unicode" ? "utf-8" : named);
  if (bytes === undefined) throw new LockgateError("HL7_BAD_ENCODING", { at: "MSH-18" });
  return named === "utf-16" ? Buffer.concat([Buffer.from([0xfe, 0xff]), bytes]) : bytes;
}
