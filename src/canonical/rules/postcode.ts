// UK postcodes: the grammar of BS 7666, repair of characters that look alike, and codes that stand for no place.

import { hasUkPostcodes } from "./country.ts";
import { type Judgement, taken } from "./judgement.ts";
import { cleanText } from "./sent-text.ts";

// Letters by position as in BS 7666; districts never begin with a zero, and a bare 0 only follows a two-letter area.
const district =
  "(?:[A-PR-UWYZ](?:[1-9][0-9]?|[1-9][A-HJKPSTUW])|[A-PR-UWYZ][A-HK-Y](?:[0-9]|[1-9][0-9]|[1-9][ABEHMNPRVWXY]))";
const grammar = new RegExp(`^(?:GIR0AA|${district}[0-9][ABD-HJLNP-UW-Z]{2})$`);
const pseudo = /^ZZ99[0-9][A-Z]{2}$/;
const forces = /^(?:BFPO(?:C\/?O)?[0-9]{1,4}|BF1[0-9]?[0-9][A-Z]{2})$/;

// Postcode areas of the Royal Mail, with the Crown dependencies and the forces (BF). Repairs are only believed if they end in
// one; a code outside them is in no directory.
const areas = new Set(
  (
    "AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL " +
    "GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX " +
    "PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN " +
    "WR WS WV YO ZE"
  ).split(" "),
);
const lookAlike: Readonly<Record<string, string>> = { O: "0", "0": "O", I: "1", "1": "I", S: "5", "5": "S" };

const hasArea = (code: string): boolean => code.startsWith("GIR") || areas.has(/^[A-Z]+/.exec(code)?.[0] ?? "");

/** What a postcode is; `value` is upper case with one space before the inward part. */
export type PostcodeForm = { readonly kind: "valid" | "repaired" | "pseudo" | "malformed"; readonly value: string };

/**
 * Reads a postcode. A code that fits the grammar is never changed but for case and spacing. A repair swaps as few of
 * O/0, I/1, S/5 as make a valid code in an existing area, and only if one such code exists. Where the sender parted outward
 * and inward part, the repair keeps them: `EN15 5L` lacks a letter and is not `EN1 5SL`.
 */
export function readPostcode(text: string): PostcodeForm {
  const cleaned = cleanText(text).toUpperCase();
  const compact = cleaned.replace(/[\s.,-]/g, "");
  if (pseudo.test(compact)) return { kind: "pseudo", value: spaced(compact) };
  if (forces.test(compact))
    return { kind: "pseudo", value: compact.replace(/^(BFPO|BF1[0-9]?(?=[0-9][A-Z]{2}$))/, "$1 ") };
  if (grammar.test(compact)) return { kind: "valid", value: spaced(compact) };
  const parts = cleaned.split(/[\s.,-]+/);
  const repaired = parts.length === 2 && parts[1]?.length !== 3 ? undefined : repair(compact);
  return repaired === undefined ? { kind: "malformed", value: cleaned } : { kind: "repaired", value: spaced(repaired) };
}

/** Judges a postcode beside the country sent with it; one of another country is stored as sent. */
export function judgePostcode(text: string, country: string | null | undefined): Judgement<string> {
  if (!hasUkPostcodes(country)) return taken(cleanText(text).toUpperCase());
  const { kind, value } = readPostcode(text);
  if (kind === "valid") return hasArea(value) ? taken(value) : taken(value, "DQ-PCD-005");
  return taken(value, kind === "repaired" ? "DQ-PCD-003" : kind === "pseudo" ? "DQ-PCD-004" : "DQ-PCD-002");
}

/** A key that is equal for equal places; `undefined` for one that stands for no place or cannot be read. */
export function comparePostcode(text: string): string | undefined {
  const { kind, value } = readPostcode(text);
  return kind === "valid" || kind === "repaired" ? value.replace(" ", "") : undefined;
}

const spaced = (compact: string): string => `${compact.slice(0, -3)} ${compact.slice(-3)}`;

function repair(compact: string): string | undefined {
  if (compact.length < 5 || compact.length > 7) return undefined;
  const places = [...compact].flatMap((character, index) => (lookAlike[character] === undefined ? [] : [index]));
  let best: { swaps: number; codes: string[] } = { swaps: Number.POSITIVE_INFINITY, codes: [] };
  for (let choice = 1; choice < 1 << places.length; choice += 1) {
    const characters = [...compact];
    let swaps = 0;
    for (const [bit, index] of places.entries()) {
      if ((choice & (1 << bit)) === 0) continue;
      characters[index] = lookAlike[characters[index]!]!;
      swaps += 1;
    }
    const code = characters.join("");
    if (swaps > best.swaps || !grammar.test(code) || !hasArea(code)) continue;
    best = swaps < best.swaps ? { swaps, codes: [code] } : { swaps, codes: [...best.codes, code] };
  }
  return best.codes.length === 1 ? best.codes[0] : undefined;
}
