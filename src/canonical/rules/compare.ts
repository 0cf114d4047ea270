// Comparison keys: equal for what people mean by the same name or address, never stored and never shown.

const unfolded: Readonly<Record<string, string>> = {
  Ø: "O",
  Ł: "L",
  Đ: "D",
  Ð: "D",
  Þ: "TH",
  Æ: "AE",
  Œ: "OE",
  ẞ: "SS",
  Ħ: "H",
};
const particles = new Set(
  "DE DEL DELLA DER DEN DI DA DO DOS DAS DU LA LE VAN VON TEN TER AL EL BIN IBN BINT ABU".split(" "),
);

// Between two names: what follows is another name of the same person.
const alsoCalled = new Set(["AKA", "ALIAS", "FORMERLY"]);

/**
 * Words in upper case without accents and punctuation; a hyphen parts words, an apostrophe does not. What stands between
 * a name and another name of the same person is left out: `Robert known as Bob` has `ROBERT` and `BOB`.
 */
export function nameTokens(text: string): string[] {
  const words = wordsOf(text);
  if (words.length < 3) return words;
  return words.filter((word, index) => {
    if (index === 0 || index === words.length - 1) return true;
    const isKnownAs = word === "KNOWN" ? words[index + 1] === "AS" : word === "AS" && words[index - 1] === "KNOWN";
    return !alsoCalled.has(word) && !isKnownAs;
  });
}

function wordsOf(text: string): string[] {
  if (/^[A-Za-z]+$/.test(text)) return [text.toUpperCase()];
  return folded(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

function folded(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this asks for ASCII, which needs no folding
  if (/^[\u0000-\u007f]*$/.test(text)) return text.toUpperCase().replace(/['`.]/g, "");
  return text
    .normalize("NFKD")
    .toUpperCase()
    .replace(/[ØŁĐÐÞÆŒẞĦ]/g, (letter) => unfolded[letter] ?? letter)
    .normalize("NFKD")
    .replace(/[\p{M}'\u2018\u2019\u02bc`\u00b4.]/gu, "");
}

/** A name as one word: `O'Brien`, `O Brien` and `OBRIEN` are equal, and so are accents and case. */
export const compareName = (text: string): string => nameTokens(text).join("");

/** The words that count: no particles, and no `née` between two names; a name of nothing else counts whole. */
function coreOf(words: readonly string[]): readonly string[] {
  if (words.length < 2) return words;
  const core = words.filter(
    (word, index) => !particles.has(word) && !(word === "NEE" && index > 0 && index < words.length - 1),
  );
  return core.length > 0 ? core : words;
}

/** As `compareName`; `Mac` equals `Mc`, `Saint` equals `St`, and particles such as `van der` or `al-` do not count. */
export function compareFamilyName(text: string): string {
  const core = coreOf(nameTokens(text));
  const [first, ...rest] = core;
  if (first === undefined) return "";
  const name = [first === "SAINT" && rest.length > 0 ? "ST" : first, ...rest].join("");
  return name.length >= 6 ? name.replace(/^MAC(?=\p{L})/u, "MC") : name;
}

const prefixes = new Set(["O", "MC", "MAC", "FITZ", "ST", "SAINT"]);

/**
 * The names that a family name is made of, each folded as by `compareFamilyName`: two for one that is double-barrelled.
 * `Lloyd-Jones` has `LLOYD` and `JONES`, `O Brien` only `OBRIEN`.
 */
export function familyNameParts(text: string): string[] {
  const core = coreOf(nameTokens(text));
  const parts: string[] = [];
  let prefix = "";
  for (const [index, word] of core.entries()) {
    const isPrefix = prefixes.has(word) && index < core.length - 1;
    if (!isPrefix) parts.push(compareFamilyName(prefix + word));
    prefix = isPrefix ? (word === "SAINT" ? "ST" : word) : "";
  }
  return parts;
}

const shortened: Readonly<Record<string, string>> = {
  ROAD: "RD",
  STREET: "ST",
  SAINT: "ST",
  AVENUE: "AVE",
  AV: "AVE",
  LANE: "LN",
  DRIVE: "DR",
  CLOSE: "CL",
  COURT: "CT",
  CRESCENT: "CRES",
  GARDENS: "GDNS",
  GROVE: "GR",
  PLACE: "PL",
  SQUARE: "SQ",
  TERRACE: "TERR",
  APARTMENT: "FLAT",
  APT: "FLAT",
};

/** An address line with usual abbreviations folded: `12, The High Street` equals `12 the high st`. */
export const compareAddressLine = (text: string): string =>
  nameTokens(text)
    .map((word) => shortened[word] ?? word)
    .join(" ");
