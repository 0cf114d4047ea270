// Countries: English names as ISO 3166-1 codes, and which ones have UK postcodes.

import { type Judgement, taken } from "./judgement.ts";
import { cleanText } from "./sent-text.ts";

const codesByName = new Map<string, string>([
  ["UK", "GB"],
  ["ENGLAND", "GB"],
  ["SCOTLAND", "GB"],
  ["WALES", "GB"],
  ["NORTHERN IRELAND", "GB"],
  ["GREAT BRITAIN", "GB"],
]);
const regionNames = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
for (const pair of letters.flatMap((first) => letters.map((second) => first + second))) {
  // A Locale turns withdrawn codes into their successors, so that a name leads to the code in force.
  const code = new Intl.Locale(`und-${pair}`).region ?? pair;
  const name = regionNames.of(code)?.toUpperCase();
  if (name && !codesByName.has(name)) codesByName.set(name, code);
}

/** Crown dependencies are included: their postcodes are of the same grammar. */
const withUkPostcodes = new Set([
  "GB",
  "GBR",
  "826",
  "ENG",
  "SCT",
  "WLS",
  "NIR",
  "JE",
  "JEY",
  "GG",
  "GGY",
  "IM",
  "IMN",
]);

const normalise = (text: string): string => {
  const country = cleanText(text);
  const upper = country.toUpperCase();
  return codesByName.get(upper) ?? (upper.length <= 3 ? upper : country);
};

/** An English name becomes its two-letter code, a code stays as sent, in upper case; all else stays as sent. */
export const judgeCountry = (text: string): Judgement<string> => taken(normalise(text));

/** Whether addresses there have UK postcodes; so it is taken to be when no country is named. */
export const hasUkPostcodes = (country: string | null | undefined): boolean =>
  !country || cleanText(country) === "" || withUkPostcodes.has(normalise(country));
