// The fields that packs rule on, and what no pack can change about some of them.

import { type PersonField, personFields } from "#canonical/model";

/** A field that a pack rules on: all of a person's but the status of the NHS number, which follows from the trace. */
export type PackField = Exclude<PersonField, "nhsNumberStatus">;

/** Every field that a pack rules on, in the order people read them. */
export const packFields: readonly PackField[] = personFields.filter((field) => field !== "nhsNumberStatus");

/** Fields that tell who a person is, or that the person has died: never changed without somebody's word. */
export const neverByItself: readonly PackField[] = ["birthDate", "nhsNumber", "gender", "deceased", "deathDate"];

/** Fields that tell of a death: never changed without two people. */
export const byTwoPeople: readonly PackField[] = ["deceased", "deathDate"];
