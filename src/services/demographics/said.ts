// What was said of a person: a value, when it became true, and whose word it is.

import type { PersonField } from "#canonical/model";

/** One field as last said. */
export type Said = {
  readonly value: string | boolean | null;
  /** The text that the source sent, where the value is not that text: normalised or repaired. */
  readonly raw?: string;
  /** When it became true, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly source: string;
  /** The national service agreed with the value. */
  readonly verified?: boolean;
  /** Of the postcode: how often another one was known before. Absent: never. */
  readonly moves?: number;
};

/** What is known of a person, by field. */
export type KnownFields = { readonly [F in PersonField]?: Said };
