// Names: what is stored of them, what is not a name, and what stands in the wrong place.

import type { ReasonCode } from "#canonical/model";
import { compareName } from "./compare.ts";
import { type Judgement, notTaken, taken } from "./judgement.ts";
import { familyOnly, givenOnly, givenPlaceholders, placeholders, suffixes, titles } from "./name-lists.ts";
import { cleanText } from "./sent-text.ts";

/** Which name: middle names may be single letters and are never placeholders of a whole person. */
export type NameKind = "family" | "given" | "middle";

/** The name as stored: case and accents as sent, plain apostrophes and hyphens, one space between words. */
export const normaliseName = (text: string): string =>
  cleanText(text)
    .replace(/[\u2018\u2019\u02b9\u02bc\u2032`\u00b4]/g, "'")
    .replace(/[\u2010-\u2015\u2212]/g, "-");

/** Judges one name as sent. */
export function judgeName(text: string, kind: NameKind): Judgement<string> {
  const whole = normaliseName(text);
  const bare = withoutTitles(whole);
  if (isPlaceholder(whole, kind) || isPlaceholder(bare, kind)) return notTaken("DQ-NAM-003");
  const codes: ReasonCode[] = [];
  if (isDamaged(text, bare)) codes.push("DQ-NAM-004");
  if (bare !== whole) codes.push("DQ-NAM-005");
  if (kind !== "middle" && [...compareName(bare)].length === 1) codes.push("DQ-NAM-006");
  return taken(bare, ...codes);
}

/** Whether family and given name are each common as the other and rare as what they are given for. */
export const seemSwapped = (familyName: string, givenName: string): boolean =>
  givenOnly.has(compareName(familyName)) && familyOnly.has(compareName(givenName));

function withoutTitles(name: string): string {
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

function isPlaceholder(name: string, kind: NameKind): boolean {
  const key = name
    .toUpperCase()
    .replace(/[._()-]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  const patterns = kind === "given" ? [...placeholders, ...givenPlaceholders] : placeholders;
  return key === "" || patterns.some((pattern) => pattern.test(key));
}

const isDamaged = (sent: string, stored: string): boolean =>
  /[^\p{L}\p{M}\s'.,()\-\u200c\u200d]/u.test(stored) ||
  cleanText(sent) !== sent.normalize("NFC").replace(/\s+/g, " ").trim();
