// Survivorship: which of the values that several say of a field the golden record holds. Pure, and whoever came first.

import type { PersonChanges, PersonField } from "#canonical/model";
import type { KnownFields, Said } from "./said.ts";

/** What tells between values beside their times. */
export type Choice = {
  /** Of a field: sources whose word counts before all others', the first before the second. */
  readonly precedence?: Precedence | undefined;
  /** Fields of which a verified value counts before a newer one that nobody has verified. */
  readonly verifiedFirst?: ReadonlySet<PersonField> | undefined;
  /** Values that somebody refused: never held. */
  readonly refused?: PersonChanges | undefined;
};
export type Precedence = { readonly [F in PersonField]?: readonly string[] };

/** What does not change in a life: being newer makes it no truer. */
export const lifelong: ReadonlySet<PersonField> = new Set(["nhsNumber", "birthDate"]);

/**
 * Whether the record holds `next` rather than `held`. In this order: the source that the rule pack puts first; of what
 * does not change in a life the verified; the newer; the verified; the source whose name comes first. Of one source at one
 * time `next`, which it said last: sessions keep a source's order.
 */
export function supersedes(
  field: PersonField,
  next: Said,
  held: Said,
  { precedence, verifiedFirst }: Choice = {},
): boolean {
  const sources = precedence?.[field] ?? [];
  const rank = ({ source }: Said): number => (sources.includes(source) ? sources.indexOf(source) : sources.length);
  const isVerified = ({ verified }: Said): number => Number(verified === true);
  const differences = [
    rank(held) - rank(next),
    verifiedFirst?.has(field) ? isVerified(next) - isVerified(held) : 0,
    next.at - held.at,
    isVerified(next) - isVerified(held),
    Number(next.source < held.source) - Number(next.source > held.source),
  ];
  return (differences.find((difference) => difference !== 0) ?? 1) > 0;
}

/** Of each field what survives of all that was said. `voices`: those of one source in the order in which it spoke. */
export function survivingFields(voices: readonly KnownFields[], choice: Choice = {}): KnownFields {
  const fields: { [F in PersonField]?: Said } = {};
  for (const voice of voices)
    for (const [name, said] of Object.entries(voice)) {
      const field = name as PersonField;
      if (choice.refused && field in choice.refused && choice.refused[field] === said.value) continue;
      const held = fields[field];
      if (!held || supersedes(field, said, held, choice)) fields[field] = said;
    }
  return fields;
}
