// American Soundex (US National Archives), the phonetic key that many systems of the NHS use for names.

const digits: Record<string, string> = {};
for (const [letters, digit] of [
  ["BFPV", "1"],
  ["CGJKQSXZ", "2"],
  ["DT", "3"],
  ["L", "4"],
  ["MN", "5"],
  ["R", "6"],
] as const)
  for (const letter of letters) digits[letter] = digit;

/** A letter and three digits for one word in upper case; empty where it does not begin with a letter A to Z. */
export function soundex(word: string): string {
  const first = word[0] ?? "";
  if (!/[A-Z]/.test(first)) return "";
  let code = first;
  let last = digits[first];
  for (let index = 1; index < word.length && code.length < 4; index += 1) {
    const letter = word[index]!;
    const digit = digits[letter];
    if (digit !== undefined && digit !== last) code += digit;
    // A vowel parts two letters of one digit, H and W do not.
    if (letter !== "H" && letter !== "W") last = digit;
  }
  return code.padEnd(4, "0");
}
