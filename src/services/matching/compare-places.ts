// Addresses, postcodes and towns compared as one: they tell the same thing, so they count once.

import type { PlaceLevel } from "./levels.ts";
import { isOneEditApart } from "./similarity.ts";
import type { Prepared } from "./types.ts";

type Similarity = (a: string, b: string) => number;
type Agreement = "same" | "near" | "differs" | "missing";

/** The level of where two people live. */
export function comparePlaces(a: Prepared, b: Prepared, similarity: Similarity): PlaceLevel {
  const postcode = comparePostcodes(a, b);
  const address = compareAddresses(a, b, similarity);
  const postcodeFits = postcode === "same" || postcode === "near";
  if (postcodeFits && (address === "same" || (address === "near" && postcode === "same"))) return "same";
  if (postcode === "same") return "postcode";
  if (address === "same") return "address";
  if (postcode === "near" || address === "near") return "near";
  if (a.postcode && b.postcode) {
    if (a.postcode.sector === b.postcode.sector) return "sector";
    if (a.postcode.outcode === b.postcode.outcode) return "outcode";
  }
  if (a.town && b.town && (a.town === b.town || similarity(a.town, b.town) >= 0.92)) return "town";
  const isSaid = postcode === "differs" || address === "differs" || (a.town && b.town);
  return isSaid ? "differs" : "missing";
}

function comparePostcodes(a: Prepared, b: Prepared): Agreement {
  if (!a.postcode || !b.postcode) return "missing";
  if (a.postcode.full === b.postcode.full) return "same";
  return isOneEditApart(a.postcode.full, b.postcode.full) ? "near" : "differs";
}

function compareAddresses({ address: a }: Prepared, { address: b }: Prepared, similarity: Similarity): Agreement {
  if (!a || !b) return "missing";
  if (a.key === b.key) return "same";
  // Neighbours differ by the number alone; a slip in the street's name leaves the number.
  return a.number === b.number && similarity(a.key, b.key) >= 0.88 ? "near" : "differs";
}
