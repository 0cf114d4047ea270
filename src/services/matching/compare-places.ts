// Addresses, postcodes and towns compared as one: they tell the same thing, so they count once.

import type { PlaceLevel } from "./levels.ts";
import { isOneEditApart } from "./similarity.ts";
import type { AddressForm, PostcodeParts, Prepared } from "./types.ts";

type Similarity = (a: string, b: string) => number;
export type Agreement = "same" | "near" | "differs" | "missing";

/** How the parts of two places agree. */
export type PlaceAgreement = {
  readonly postcode: Agreement;
  readonly address: Agreement;
  readonly isSameSector: boolean;
  readonly isSameOutcode: boolean;
  readonly town: Agreement;
};

/** The level of where two people live. */
export function comparePlaces(a: Prepared, b: Prepared, similarity: Similarity): PlaceLevel {
  return placeLevel({
    postcode: comparePostcodes(a.postcode, b.postcode),
    address: compareAddresses(a.address, b.address, similarity),
    isSameSector: a.postcode !== undefined && a.postcode.sector === b.postcode?.sector,
    isSameOutcode: a.postcode !== undefined && a.postcode.outcode === b.postcode?.outcode,
    town: compareTowns(a.town, b.town, similarity),
  });
}

/** The level that parts come to. */
export function placeLevel({ postcode, address, isSameSector, isSameOutcode, town }: PlaceAgreement): PlaceLevel {
  const postcodeFits = postcode === "same" || postcode === "near";
  if (postcodeFits && (address === "same" || (address === "near" && postcode === "same"))) return "same";
  if (postcode === "same") return "postcode";
  if (address === "same") return "address";
  if (postcode === "near" || address === "near") return "near";
  if (isSameSector) return "sector";
  if (isSameOutcode) return "outcode";
  if (town === "same") return "town";
  return postcode === "differs" || address === "differs" || town === "differs" ? "differs" : "missing";
}

export function comparePostcodes(a: PostcodeParts | undefined, b: PostcodeParts | undefined): Agreement {
  if (!a || !b) return "missing";
  if (a.full === b.full) return "same";
  return isOneEditApart(a.full, b.full) ? "near" : "differs";
}

export function compareAddresses(
  a: AddressForm | undefined,
  b: AddressForm | undefined,
  similarity: Similarity,
): Agreement {
  if (!a || !b) return "missing";
  if (a.key === b.key) return "same";
  // Neighbours differ by the number alone; a slip in the street's name leaves the number.
  return a.number === b.number && similarity(a.key, b.key) >= 0.88 ? "near" : "differs";
}

export function compareTowns(a: string | undefined, b: string | undefined, similarity: Similarity): Agreement {
  if (!a || !b) return "missing";
  return a === b || similarity(a, b) >= 0.92 ? "same" : "differs";
}
