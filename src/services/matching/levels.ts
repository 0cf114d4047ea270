// The comparisons, and the levels of each, the strongest agreement first.

/** The canonical comparisons of a model, in the order a person reads them. */
export const comparisons = ["name", "birthDate", "gender", "household", "nhsNumber", "email"] as const;
export type ComparisonName = (typeof comparisons)[number];

/** Given names. `part`: one word shared; `close` and `near`: by Jaro-Winkler; `initial`: one is a letter. */
export const givenLevels = ["same", "part", "nickname", "close", "initial", "near", "differs", "missing"] as const;
export type GivenLevel = (typeof givenLevels)[number];

/** Family names. `part`: one half of a double-barrelled name. */
export const familyLevels = ["same", "part", "close", "initial", "near", "differs", "missing"] as const;
export type FamilyLevel = (typeof familyLevels)[number];

/**
 * Birth dates. `swapped`: day and month; `digit`: one digit wrong, or two neighbours swapped; `parts`: two of day, month and
 * year; `partial`: one is partial and the other fits it; `default`: the same 1 January, which is often written for want of
 * the day; `generation`: as `digit` or `parts`, but a generation apart; `year`: only the year.
 */
export const birthDateLevels = [
  "same",
  "swapped",
  "digit",
  "parts",
  "partial",
  "default",
  "generation",
  "year",
  "differs",
  "missing",
] as const;
export type BirthDateLevel = (typeof birthDateLevels)[number];

/**
 * Where somebody lives. `same`: postcode and address; `postcode` and `address`: that one alone; `near`: one of them with a
 * slip; `sector`, `outcode`: that much of the postcode; `town`: by name.
 */
export const placeLevels = [
  "same",
  "postcode",
  "address",
  "near",
  "sector",
  "outcode",
  "town",
  "differs",
  "missing",
] as const;
export type PlaceLevel = (typeof placeLevels)[number];

export const phoneLevels = ["same", "near", "differs", "missing"] as const;
export type PhoneLevel = (typeof phoneLevels)[number];

/** NHS numbers. `near`: one is not valid and one edit apart from the other. */
export const nhsNumberLevels = ["same", "near", "differs", "missing"] as const;
export type NhsNumberLevel = (typeof nhsNumberLevels)[number];

/** E-mail addresses. `mailbox`: the part before the at sign. */
export const emailLevels = ["same", "mailbox", "close", "differs", "missing"] as const;
export type EmailLevel = (typeof emailLevels)[number];

export const genderLevels = ["same", "differs", "missing"] as const;
export type GenderLevel = (typeof genderLevels)[number];

export const identifierLevels = ["same", "near", "differs", "missing"] as const;
export const textLevels = ["same", "close", "near", "differs", "missing"] as const;

const table = <A extends string, B extends string>(as: readonly A[], bs: readonly B[]) =>
  Object.fromEntries(as.map((a) => [a, Object.fromEntries(bs.map((b) => [b, `${a}/${b}`]))])) as Readonly<
    Record<A, Readonly<Record<B, string>>>
  >;

/** The cell of a joint comparison by its two parts; one text for each, so that a comparison allocates none. */
export const nameCells = table(givenLevels, familyLevels);
export const householdCells = table(placeLevels, phoneLevels);

const namesThatDiffer: ReadonlySet<string> = new Set(
  ["near", "differs", "missing"].flatMap((one) => ["near", "differs", "missing"].map((other) => `${one}/${other}`)),
);

/** Whether a cell of the name comparison says that the given or the family name agrees, if only in part. */
export const agreesInName = (name: string): boolean => !namesThatDiffer.has(name);
