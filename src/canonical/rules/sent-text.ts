// Text as sent, made fit to store: damaged characters repaired where certain, invisible ones dropped, spacing collapsed.

// What windows-1252 makes of the bytes 80 to 9F (WHATWG Encoding), to turn text read in the wrong character set back.
const windows1252 = new Map<string, number>();
for (let byte = 0x80; byte <= 0xbf; byte += 1) {
  windows1252.set(new TextDecoder("windows-1252").decode(Uint8Array.of(byte)), byte);
  windows1252.set(String.fromCharCode(byte), byte);
}
const trail = `[${[...windows1252.keys()].join("").replace(/[\\\]^-]/g, "\\$&")}]`;
// Pairs that begin with Â, Ã, Ä or Å, and the triples of curly quotes and dashes. After Ä and Å a curly quote is a quote.
const misread = new RegExp(
  `\u00c2[\u0080-\u00bf]|\u00c3${trail}|[\u00c4\u00c5](?![\u2018\u2019])${trail}|\u00e2[\u20ac\u0080\u201a\u201e]${trail}`,
  "gu",
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this drops
const controls = /[\u0000-\u001f\u007f-\u009f]/g;
// Most texts, told apart at once: ASCII words with one space between them.
const alreadyClean = /^(?:[!-~]+(?: [!-~]+)*)?$/;
const invisible = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Turns UTF-8 that was read as windows-1252 back (`JosÃ©` to `José`). Only pairs that give a Latin letter or common
 * punctuation are touched, so that text which is right stays as it is.
 */
export function repairMojibake(text: string): string {
  let current = text;
  for (let previous = ""; previous !== current; ) {
    previous = current;
    current = current.replace(misread, (found) => {
      const bytes = [...found].map((character) => windows1252.get(character) ?? character.charCodeAt(0));
      const decoded = new TextDecoder("utf-8").decode(Uint8Array.from(bytes));
      return /^[\p{Script=Latin}\u0080-\u00bf\u2010-\u2026\u20ac\u2122]$/u.test(decoded) ? decoded : found;
    });
  }
  return current;
}

/** The text as it is stored: case and accents as sent, one space between words. Idempotent. */
export function cleanText(text: string): string {
  if (alreadyClean.test(text)) return text;
  let current = text.toWellFormed();
  for (let previous: string | undefined; previous !== current; ) {
    previous = current;
    current = repairMojibake(current)
      .replace(controls, " ")
      .replace(invisible, "")
      .normalize("NFC")
      .replace(/\s+/g, " ")
      .trim();
  }
  return current;
}
