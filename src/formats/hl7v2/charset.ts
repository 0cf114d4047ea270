// Names the character sets of MSH-18 and turns text into bytes and back without loss, or not at all.
//
// HL7 table 0211. Every supported set keeps CR and LF as single bytes (UTF-16: as single code units) of their own, which is what
// lets a message be cut into segments before or after decoding with the same result.

import { isAscii, isUtf8 } from "node:buffer";
import iconv from "iconv-lite";
import { decodeIso2022Jp, encodeIso2022Jp } from "./iso-2022-jp.ts";

/** Table 0211 and the spellings seen for the same sets. */
const encodings = new Map<string, string>([
  ["ASCII", "us-ascii"],
  ["US-ASCII", "us-ascii"],
  ["ISO IR6", "us-ascii"],
  ["UTF-8", "utf-8"],
  ["UTF8", "utf-8"],
  ["UNICODE UTF-8", "utf-8"],
  ["UNICODE UTF-16", "utf-16"],
  ["UNICODE", "unicode"],
  ["WINDOWS-1252", "windows-1252"],
  ["GB 18030-2000", "gb18030"],
  ["KS X 1001", "euc-kr"],
  ["BIG-5", "big5"],
  ["ISO IR14", "iso-2022-jp"],
  ["ISO IR87", "iso-2022-jp"],
  ["ISO IR159", "iso-2022-jp"],
  ["JIS X 0202", "iso-2022-jp"],
]);
for (const part of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16]) {
  encodings.set(`8859/${part}`, `iso-8859-${part}`);
  encodings.set(`ISO-8859-${part}`, `iso-8859-${part}`);
}

/** Code points of windows-1252 from 0x80 to 0x9F; its five empty places keep the control character of that number. */
const windows1252 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

/**
 * The encoding that an MSH-18 names; `undefined` when it is not supported. The first repetition is the message's own set;
 * Japanese messages leave it empty or ASCII and name the sets they switch to after it. `utf-16` and `unicode` are settled by
 * the bytes.
 */
export function encodingNamed(field: string, repetition: string): string | undefined {
  const known = encodings.get(field);
  if (known !== undefined) return known;
  const names = field.split(repetition).map((name) => name.trim().toUpperCase());
  const first = names[0] === "" ? "us-ascii" : encodings.get(names[0]!);
  return first === "us-ascii" && names.some((name) => encodings.get(name) === "iso-2022-jp") ? "iso-2022-jp" : first;
}

/** The text of `bytes`, or `undefined` when they are not valid in `encoding`. */
export function decodeExactly(bytes: Buffer, encoding: string): string | undefined {
  switch (encoding) {
    case "us-ascii":
      return isAscii(bytes) ? bytes.toString("latin1") : undefined;
    case "utf-8":
      return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
    case "iso-8859-1":
      return bytes.toString("latin1");
    case "windows-1252":
      return bytes
        .toString("latin1")
        .replace(/[\x80-\x9f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80]!);
    case "utf-16le":
      return decodeUtf16(bytes);
    case "utf-16be":
      return bytes.length % 2 === 0 ? decodeUtf16(Buffer.from(bytes).swap16()) : undefined;
    case "iso-2022-jp":
      return decodeIso2022Jp(bytes);
    default: {
      if (isAscii(bytes)) return bytes.toString("latin1");
      const text = iconv.decode(bytes, encoding, { stripBOM: false });
      return text.includes("\ufffd") ? undefined : text;
    }
  }
}

/** The bytes of `text`, or `undefined` when `encoding` lacks one of its characters. No byte order mark. */
export function encodeExactly(text: string, encoding: string): Buffer | undefined {
  if (!text.isWellFormed()) return undefined;
  const bytes = encodeText(text, encoding);
  return encoding === "utf-8" || decodeExactly(bytes, encoding) === text ? bytes : undefined;
}

/** The bytes of `text`; a character the set lacks becomes another one. No byte order mark. */
export function encodeText(text: string, encoding: string): Buffer {
  switch (encoding) {
    case "utf-8":
      return Buffer.from(text, "utf8");
    case "us-ascii":
    case "iso-8859-1":
      return Buffer.from(text, "latin1");
    case "windows-1252":
      return Buffer.from(text.replace(/[\u0080-\u009f\u0100-\uffff]/g, windows1252Byte), "latin1");
    case "utf-16le":
      return Buffer.from(text, "utf16le");
    case "utf-16be":
      return Buffer.from(text, "utf16le").swap16();
    case "iso-2022-jp":
      return encodeIso2022Jp(text);
    default:
      return iconv.encode(text, encoding);
  }
}

function windows1252Byte(character: string): string {
  const place = windows1252.indexOf(character);
  return place < 0 ? "?" : String.fromCharCode(0x80 + place);
}

function decodeUtf16(bytes: Buffer): string | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const text = bytes.toString("utf16le");
  return text.isWellFormed() ? text : undefined;
}
