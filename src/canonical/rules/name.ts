// Names: what is stored of them, what is not a name, and what stands in the wrong place.

import type { ReasonCode } from "#canonical/model";
import { compareName } from "./compare.ts";
import { type Judgement, notTaken, taken } from "./judgement.ts";
import { familyOnly, givenOnly, givenPlaceholders, placeholders, suffixes, titles } from "./name-lists.ts";
import { cleanText } from "./sent-text.ts";

/** Which name: middle names may be single letters and are never placeholders of a whole person. */
export type NameKind = "family" | "given" | "middle";

/** The name as stored: case and accents as sent, plain apostrophes and hyphens, one space between words. */
export const normaliseName = (text: string): string => withPlainMarks(cleanText(text));

const withPlainMarks = (clean: string): string =>
  clean.replace(/[\u2018\u2019\u02b9\u02bc\u2032`\u00b4]/g, "'").replace(/[\u2010-\u2015\u2212]/g, "-");

// Most names, told apart at once: nothing in them to normalise or to repair.
const plainName = /^[A-Za-z]+(?:[ '-][A-Za-z]+)*$/;

/** Judges one name as sent. */
export function judgeName(text: string, kind: NameKind): Judgement<string> {
  const isPlain = plainName.test(text);
  const clean = isPlain ? text : cleanText(text);
  const whole = isPlain ? text : withPlainMarks(clean);
  const bare = withoutTitles(whole);
  if (isPlaceholder(whole, kind) || (bare !== whole && isPlaceholder(bare, kind))) return notTaken("DQ-NAM-003");
  const codes: ReasonCode[] = [];
  if (!isPlain && isDamaged(text, clean, bare)) codes.push("DQ-NAM-004");
  if (bare !== whole) codes.push("DQ-NAM-005");
  if (kind !== "middle" && isSingleLetter(bare)) codes.push("DQ-NAM-006");
  return taken(bare, ...codes);
}

/** Whether family and given name are each common as the other and rare as what they are given for. */
export const seemSwapped = (familyName: string, givenName: string): boolean =>
  givenOnly.has(compareName(familyName)) && familyOnly.has(compareName(givenName));

function withoutTitles(name: string): string {
  if (!name.includes(" ")) return name;
  const words = name.split(" ");
  const bare = (word: string | undefined) => (word ?? "").replace(/[.,]+$/, "").toUpperCase();
  while (words.length > 1 && titles.has(bare(words[0]))) words.shift();
  let cut = false;
  while (words.length > 1 && suffixes.has(bare(words.at(-1)))) {
    words.pop();
    cut = true;
  }
  const rest = words.join(" ");
  return cut ? rest.replace(/[\s,]+$/, "") || name : rest;
}

const anyOf = (patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join("|"), "u");
const anyPlaceholder = anyOf(placeholders);
const anyGivenPlaceholder = anyOf([...placeholders, ...givenPlaceholders]);

function isPlaceholder(name: string, kind: NameKind): boolean {
  const upper = name.toUpperCase();
  const key = /[._()-]/.test(upper) ? upper.replace(/[\s._()-]+/g, " ").trim() : upper;
  return key === "" || (kind === "given" ? anyGivenPlaceholder : anyPlaceholder).test(key);
}

const isSingleLetter = (name: string): boolean =>
  !/[A-Za-z][^A-Za-z]*[A-Za-z]/.test(name) && [...compareName(name)].length === 1;

const isDamaged = (sent: string, clean: string, stored: string): boolean =>
  /[^\p{L}\p{M}\s'.,()\-\u200c\u200d]/u.test(stored) ||
  (clean !== sent && clean !== sent.normalize("NFC").replace(/\s+/g, " ").trim());
