// The nouns of matching: a record made ready, what a comparison shows, and what a model makes of it.

import type { PersonChanges } from "#canonical/model";

/** How a column that is no canonical field is compared. */
export const extraKinds = ["identifier", "text", "category"] as const;
export type ExtraKind = (typeof extraKinds)[number];

/** A column besides the canonical fields, of any data. */
export type ExtraColumn = { readonly column: string; readonly compare: ExtraKind };

/** What is matched: canonical fields, and the texts of extra columns by column. Personal data. */
export type MatchRecord = { readonly fields: PersonChanges; readonly extra?: Readonly<Record<string, string>> };

/** A name made ready. `key`: all of it as one word; `parts`: its words; `sounds`: the phonetic key of each part. */
export type NameForm = {
  readonly key: string;
  /** The words with a space between. */
  readonly text: string;
  readonly parts: readonly string[];
  readonly sounds: readonly string[];
};

/** A birth date, whole or partial, in its parts. */
export type DateForm = {
  readonly text: string;
  readonly year: string;
  readonly month: string;
  readonly day: string;
  /** YYYYMMDD, with zeros for what is not told. */
  readonly number: number;
};

/** A postcode that stands for a place, without its space, and the areas around it. */
export type PostcodeParts = { readonly full: string; readonly sector: string; readonly outcode: string };

/** A first address line, folded, and the first number in it. */
export type AddressForm = { readonly key: string; readonly number: string };

/** A record normalised once for many comparisons; absent fields are not compared. Personal data. */
export type Prepared = {
  readonly given?: NameForm | undefined;
  readonly middle?: NameForm | undefined;
  readonly family?: NameForm | undefined;
  readonly birthDate?: DateForm | undefined;
  /** Absent for what is neither: unknown and other are neutral. */
  readonly gender?: "male" | "female" | undefined;
  readonly postcode?: PostcodeParts | undefined;
  readonly address?: AddressForm | undefined;
  readonly town?: string | undefined;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
  /** Valid, of a range that is issued. */
  readonly nhsNumber?: string | undefined;
  /** Ten digits that are no such number; only ever compared with one that is. */
  readonly nearNhsNumber?: string | undefined;
  /** One text for each extra column, in their order; empty where nothing was said. */
  readonly extra: readonly string[];
};

/** How common values are: the share of records that have the value, 0 to 1; `undefined` where nobody counted. */
export type Shares = {
  readonly given: (part: string) => number | undefined;
  readonly family: (part: string) => number | undefined;
  readonly town: (town: string) => number | undefined;
  readonly extra: (column: number, value: string) => number | undefined;
};

/** What two records show, comparison by comparison. Holds no value of either. */
export type Levels = {
  /** `given/family`, or `swapped`. */
  readonly name: string;
  readonly birthDate: string;
  readonly gender: string;
  /** `place/phone`. */
  readonly household: string;
  readonly nhsNumber: string;
  readonly email: string;
  readonly extra: readonly string[];
  /** Shares of the values that agree, where the level depends on how common they are. */
  readonly shares: {
    readonly given: number | undefined;
    readonly family: number | undefined;
    readonly town: number | undefined;
    readonly extra: readonly (number | undefined)[];
  };
  /** An extra column that identifies agrees. */
  readonly sameIdentifier: boolean;
  /** Both given names are names that many have, so that neither is a slip for the other. */
  readonly bothGivenKnown: boolean;
};
