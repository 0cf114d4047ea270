// What a search asks for: its parameters read and held to the service's rules on what may be combined with what.

import { PdsRefusal } from "../outcome.ts";
import { type Pattern, patternOf } from "./pattern.ts";

/** Days from one to another, both included, YYYY-MM-DD. */
export interface DayRange {
  first: string;
  last: string;
}

/** A search. */
export interface SearchQuery {
  isFuzzy: boolean;
  isExact: boolean;
  /** Whether past values count; always so when fuzzy. */
  withHistory: boolean;
  /** Most people that may be found. */
  limit: number;
  family: Pattern | undefined;
  given: Pattern[];
  gender: string | undefined;
  birth: DayRange;
  death: DayRange | undefined;
  /** Upper case, without spaces. */
  postcode: Pattern | undefined;
  practice: string | undefined;
  email: string | undefined;
  phone: string | undefined;
}

const flags = ["_fuzzy-match", "_exact-match", "_history"] as const;
const single = ["family", "gender", "address-postalcode", "address-postcode", "general-practitioner", "email", "phone"];
const known = new Set<string>([...flags, ...single, "_max-results", "given", "birthdate", "death-date"]);

/** Reads a search; `isUser` for a healthcare worker, who may see several people. Throws PdsRefusal. */
export function searchQueryOf(search: string, isUser: boolean): SearchQuery {
  const parameters = new URLSearchParams(search);
  if (parameters.size === 0) throw new PdsRefusal("UNSUPPORTED_SERVICE");
  for (const name of parameters.keys()) {
    if (!known.has(name))
      throw new PdsRefusal("ADDITIONAL_PROPERTIES", `Additional properties are not allowed ('${name}' was unexpected)`);
  }
  for (const name of [...single, ...flags, "_max-results"]) {
    if (parameters.getAll(name).length > 1) throw unusable(`'${name}' may be given once`);
  }
  const text = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const [isFuzzy, isExact, asksHistory] = flags.map((name) => flagOf(name, text(name)));
  const postcode = postcodeOf(text("address-postalcode"), text("address-postcode"));
  const birth = rangeOf("birthdate", parameters.getAll("birthdate"));
  const query = {
    isFuzzy: isFuzzy === true,
    isExact: isExact === true,
    withHistory: isFuzzy === true || asksHistory === true,
    limit: limitOf(text("_max-results"), isUser),
    family: named("family", text("family"), isFuzzy),
    given: parameters.getAll("given").map((name) => named("given", name, isFuzzy)!),
    gender: genderOf(text("gender")),
    death: rangeOf("death-date", parameters.getAll("death-date")),
    postcode: named("address-postalcode", postcode, isFuzzy),
    practice: text("general-practitioner")?.toUpperCase(),
    email: text("email")?.toLowerCase(),
    phone: text("phone"),
  };
  checkEnough(query, birth !== undefined);
  if (!birth) throw new PdsRefusal("MISSING_VALUE", "Missing value - 'birthdate'");
  return { ...query, birth };
}

const unusable = (diagnostics: string): PdsRefusal => new PdsRefusal("INVALID_SEARCH_DATA", diagnostics);
const invalid = (name: string, value: string): PdsRefusal =>
  new PdsRefusal("INVALID_VALUE", `Invalid value - '${value}' in field '${name}'`);

function flagOf(name: string, value: string | undefined): boolean {
  if (value !== undefined && value !== "true" && value !== "false") throw invalid(name, value);
  return value === "true";
}

function limitOf(value: string | undefined, isUser: boolean): number {
  if (value === undefined) return isUser ? 50 : 1;
  const limit = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (!isUser && limit > 1)
    throw new PdsRefusal("INVALID_VALUE", {
      status: 403,
      diagnostics: "Your app has insufficient permissions to perform this search. Please contact support.",
    });
  if (limit < 1 || limit > 50) throw invalid("_max-results", value);
  return limit;
}

function named(name: string, value: string | undefined, isFuzzy: boolean | undefined): Pattern | undefined {
  if (value === undefined) return undefined;
  if (value.trim() === "" || value.length > 35) throw invalid(name, value);
  const star = value.indexOf("*");
  if (star >= 0 && isFuzzy) throw unusable("Wildcards are not allowed in a fuzzy search");
  if (star === 0 || star === 1) throw unusable("Wildcards must come after at least two characters");
  return patternOf(value);
}

function postcodeOf(postalcode: string | undefined, postcode: string | undefined): string | undefined {
  if (postalcode !== undefined && postcode !== undefined)
    throw unusable("'address-postcode' and 'address-postalcode' may not be given both");
  return (postalcode ?? postcode)?.replaceAll(" ", "");
}

function genderOf(value: string | undefined): string | undefined {
  if (value !== undefined && !["male", "female", "other", "unknown"].includes(value)) throw invalid("gender", value);
  return value;
}

/** One `eq`, or a `ge` and a `le` of which either may be missing. */
function rangeOf(name: string, values: string[]): DayRange | undefined {
  if (values.length === 0) return undefined;
  const range = { first: "0000-01-01", last: "9999-12-31" };
  const comparators = new Set<string>();
  for (const value of values) {
    const [, comparator, day = ""] = /^(eq|ge|le)(\d{4}-\d{2}-\d{2})$/.exec(value) ?? [];
    if (comparator === undefined || !isDay(day)) throw invalid(name, value);
    if (comparators.has(comparator) || comparators.has("eq") || (comparator === "eq" && comparators.size > 0))
      throw unusable(`'${name}' must be one day or one range`);
    comparators.add(comparator);
    if (comparator !== "le") range.first = day;
    if (comparator !== "ge") range.last = day;
  }
  return range;
}

const isDay = (day: string): boolean => {
  const instant = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day);
};

/** The least that a search must give. */
function checkEnough(query: Omit<SearchQuery, "birth">, hasBirth: boolean): void {
  if (!query.isFuzzy) {
    if (!hasBirth) throw new PdsRefusal("MISSING_VALUE", "Missing value - 'birthdate'");
    if (!query.family) throw new PdsRefusal("MISSING_VALUE", "Missing value - 'family'");
    return;
  }
  const hasPlace = query.gender !== undefined && query.postcode !== undefined;
  const isEnough = query.family ? query.given.length > 0 || hasPlace : query.given.length > 0 && hasPlace;
  if (!hasBirth || !isEnough)
    throw unusable("Not enough search parameters were provided to be able to make a fuzzy search");
}
