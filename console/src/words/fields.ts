// Fields of a person or of an order by the words that people read.

const words: Readonly<Record<string, string>> = {
  nhsNumber: "NHS number",
  nhsNumberStatus: "NHS number status",
  familyName: "Family name",
  givenName: "Given name",
  middleNames: "Middle names",
  birthDate: "Date of birth",
  addressLine1: "Address line 1",
  addressLine2: "Address line 2",
  gpPracticeCode: "GP practice",
  deathDate: "Date of death",
  location: "Deliver to",
  neededBy: "Needed by",
};

/** A field's name as people read it. */
export const wordOf = (field: string): string =>
  words[field] ??
  field.charAt(0).toUpperCase() +
    field.slice(1).replaceAll(/([a-z])([A-Z])/g, (_, end, start) => `${end} ${start.toLowerCase()}`);

const date = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });

/** A value as people read it: dates in words, NHS numbers in their three groups, an em dash for nothing. */
export function readable(field: string, value: unknown): string {
  if (value === undefined || value === null || value === "") return "—";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "string") return JSON.stringify(value);
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return date.format(new Date(value));
  return field === "nhsNumber" && /^\d{10}$/.test(value) ? value.replace(/^(...)(...)/, "$1 $2 ") : value;
}
