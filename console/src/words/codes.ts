// What code maps are about, in words.

import { many } from "./counts.ts";

/** What the codes of a map are codes of. */
type Kind = { readonly one: string; readonly a: string; readonly several: string };

const kinds: Readonly<Record<string, Kind>> = {
  item: { one: "item", a: "an item", several: "items" },
  supplier: { one: "supplier", a: "a supplier", several: "suppliers" },
  unit: { one: "unit", a: "a unit", several: "units" },
  location: { one: "location", a: "a location", several: "locations" },
};

/** What a map's codes are codes of: `a supplier`, `suppliers`. */
export const kindOf = (map: string): Kind => kinds[map] ?? { one: map, a: `a ${map}`, several: `${map} codes` };

/** A map's name as its page is called. */
export const mapWord = (map: string): string => {
  const { several } = kindOf(map);
  return several.charAt(0).toUpperCase() + several.slice(1);
};

/** A code with the source's own words for it: `ALDW-7 (Aldwych Surgical)`. */
export const codeWord = (code: string, text: string | null | undefined): string => (text ? `${code} (${text})` : code);

/** How many order lines, as far as they were counted: `1 line`, `40 lines`, `more than 1,000 lines`. */
export const linesWord = (counted: number, isMore = false): string =>
  isMore ? `more than ${many(counted, "line")}` : many(counted, "line");

/** By what an entry of the ERP's list is looked for, the narrowest first: the source's words for it, then the first of them. */
export const soughtFor = (text: string | null | undefined): readonly string[] => {
  const whole = (text ?? "").trim();
  const [first = ""] = whole.split(/\s+/);
  return [...new Set([whole, first])].filter((one) => one.length > 2);
};
