// What a statement is checked against beside itself: the national service's word on its number, and who else goes by the same.

import type { PersonMatching } from "#canonical/contracts";
import type { Finding } from "#canonical/model";
import { findBeyondRecord, type Surroundings } from "#canonical/rules";
import { type KnownFields, valuesOf } from "./person.ts";
import type { Ruling } from "./ruling.ts";
import type { Compared } from "./types.ts";

type Word = NonNullable<Surroundings["nhsNumber"]>;

/** A stance on the person in the words of the rules; of others the national service has said nothing about the number. */
const words: Readonly<Partial<Record<Ruling["decision"]["person"]["stance"], Word>>> = {
  found: "current",
  superseded: "superseded",
  invalidated: "invalidated",
  conflict: "another",
};

/** What is found of the number that the person goes by, and of what the statement says newly. */
export async function findBeside(
  { matching }: { readonly matching: Pick<PersonMatching, "countPhone"> },
  { personId, proposed, duplicate }: Compared,
  known: KnownFields,
  { decision }: Ruling,
): Promise<Finding[]> {
  const said = valuesOf(proposed);
  const nhsNumber = said.nhsNumber ?? valuesOf(known).nhsNumber;
  const others = said.phone ? await matching.countPhone(said.phone, personId) : 0;
  const word = words[decision.person.stance];
  return findBeyondRecord(
    { ...said, ...(nhsNumber ? { nhsNumber } : {}) },
    { ...(word ? { nhsNumber: word } : {}), nhsNumberHolders: duplicate ? 2 : 1, phoneHolders: others + 1 },
  );
}
