// Japanese text with ISO 2022 escapes (ISO IR14, IR87, IR159), by way of EUC-JP, which holds the same characters without state.
//
// HL7 v2.8, 2.15.9.18 and RFC 1468. ESC ( B and ESC ( J choose ASCII and JIS X 0201 Roman, ESC ( I katakana, ESC $ @ and ESC $ B
// JIS X 0208, ESC $ ( D JIS X 0212. A line end returns to ASCII.

import iconv from "iconv-lite";

type Charset = "ascii" | "katakana" | "kanji" | "supplement";

const choices: readonly (readonly [sequence: string, charset: Charset])[] = [
  ["\x1b(B", "ascii"],
  ["\x1b(J", "ascii"],
  ["\x1b(I", "katakana"],
  ["\x1b$B", "kanji"],
  ["\x1b$@", "kanji"],
  ["\x1b$(D", "supplement"],
];
const sequenceOf = { ascii: "\x1b(B", katakana: "\x1b(I", kanji: "\x1b$B", supplement: "\x1b$(D" } as const;

/** The text of `bytes`, or `undefined` when they break off or leave the known sets. */
export function decodeIso2022Jp(bytes: Buffer): string | undefined {
  const euc = Buffer.alloc(bytes.length * 2);
  let length = 0;
  let charset: Charset = "ascii";
  for (let index = 0; index < bytes.length; ) {
    const byte = bytes[index]!;
    if (byte === 0x1b) {
      const head = bytes.toString("latin1", index, index + 4);
      const choice = choices.find(([sequence]) => head.startsWith(sequence));
      if (choice === undefined) return undefined;
      charset = choice[1];
      index += choice[0].length;
      continue;
    }
    if (byte < 0x21) {
      if (byte === 13 || byte === 10) charset = "ascii";
      euc[length++] = byte;
      index += 1;
      continue;
    }
    const width: number = charset === "kanji" || charset === "supplement" ? 2 : 1;
    if (byte > 0x7e && !(charset === "ascii" && byte >= 0xa1 && byte <= 0xdf)) return undefined;
    if (width === 2 && !(bytes[index + 1]! >= 0x21 && bytes[index + 1]! <= 0x7e)) return undefined;
    const high = charset === "ascii" ? 0 : 0x80;
    if (charset === "katakana" || byte > 0x7e) euc[length++] = 0x8e;
    if (charset === "supplement") euc[length++] = 0x8f;
    for (let step = 0; step < width; step += 1) euc[length++] = bytes[index + step]! | high;
    index += width;
  }
  const text = iconv.decode(euc.subarray(0, length), "euc-jp");
  return text.includes("\ufffd") ? undefined : text;
}

/** The bytes of `text`; a character of no set becomes `?`, which the caller notices by reading it back. */
export function encodeIso2022Jp(text: string): Buffer {
  const euc = iconv.encode(text, "euc-jp");
  const parts: number[] = [];
  let charset: Charset = "ascii";
  const choose = (next: Charset) => {
    if (next !== charset) parts.push(...Buffer.from(sequenceOf[next], "latin1"));
    charset = next;
  };
  for (let index = 0; index < euc.length; ) {
    const byte = euc[index]!;
    if (byte < 0x80) {
      choose("ascii");
      parts.push(byte);
      index += 1;
    } else if (byte === 0x8e) {
      choose("katakana");
      parts.push(euc[index + 1]! & 0x7f);
      index += 2;
    } else {
      const skip = byte === 0x8f ? 1 : 0;
      choose(skip === 1 ? "supplement" : "kanji");
      parts.push(euc[index + skip]! & 0x7f, euc[index + skip + 1]! & 0x7f);
      index += 2 + skip;
    }
  }
  choose("ascii");
  return Buffer.from(parts);
}
