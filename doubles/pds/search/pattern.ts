// How well a text fits what was asked for: letter by letter, by wildcard, without accents, or by sound.

/** A text to look for. */
export interface Pattern {
  /** Lower case. */
  readonly text: string;
  /** How well a value fits: 1 exactly, less for a wildcard or a difference in accents only, 0 not at all. */
  fit(value: string): number;
  /** Soundex code of the text. */
  readonly sound: string;
}

/** How much a fit is worth. The national algorithm is not public; what is kept is that only the exact is 1. */
const worth = { wildcard: 0.95, accents: 0.93 };

/** A pattern; `*` stands for any letters, also none. */
export function patternOf(asked: string): Pattern {
  const text = asked.toLowerCase();
  const plain = withoutAccents(text);
  const sound = soundexOf(plain);
  if (!text.includes("*")) {
    const fit = (value: string): number => {
      const lower = value.toLowerCase();
      if (lower === text) return 1;
      return withoutAccents(lower) === plain ? worth.accents : 0;
    };
    return { text, fit, sound };
  }
  const escaped = plain.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const wild = new RegExp(`^${escaped.join(".*")}$`);
  return { text, fit: (value) => (wild.test(withoutAccents(value.toLowerCase())) ? worth.wildcard : 0), sound };
}

const withoutAccents = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "");

const soundGroups = ["bfpv", "cgjkqsxz", "dt", "l", "mn", "r"];
const groupOf = (letter: string): number => soundGroups.findIndex((group) => group.includes(letter)) + 1;

/** American Soundex of a name; empty for a text without Latin letters. */
export function soundexOf(name: string): string {
  const letters = [...withoutAccents(name.toLowerCase())].filter((letter) => letter >= "a" && letter <= "z");
  const [first] = letters;
  if (first === undefined) return "";
  let code = first.toUpperCase();
  let last = groupOf(first);
  for (const letter of letters.slice(1)) {
    const group = groupOf(letter);
    if (group > 0 && group !== last) code += group;
    // h and w do not part two letters of one group; vowels do.
    if (letter !== "h" && letter !== "w") last = group;
  }
  return code.slice(0, 4).padEnd(4, "0");
}
