// A link by matching: identifiers that nobody knew are taken for a known person's, and can be taken back.

import type { Effects } from "#engine/backbone";
import type { AnyContext } from "#engine/sagas";
import type { Clock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import type { Person } from "../person.ts";
import { insertLink, type Link, readKeys } from "./store.ts";
import { personLinked } from "./told.ts";

/** Identifiers for whom matching, or a steward who was asked, took them. */
export type ByMatching = {
  readonly person: Person;
  readonly keys: readonly string[];
  readonly code: string;
  /** Names of those who were asked. */
  readonly by: readonly string[];
};

/** Effects that record the link and tell of it, in the commit that links. */
export function matchedLink(
  { clock }: { readonly clock: Clock },
  instance: AnyContext["instance"],
  { person, keys, code, by }: ByMatching,
): Effects {
  const { journeyId } = instance;
  const { id: personId, fields, numbers, version } = person;
  const link = { id: newId(), kind: "matched", personId, otherId: null, by, journeyId, code } as const;
  return {
    publish: [personLinked(instance, link, clock.now())],
    apply: async (tx) => {
      const ownKeys = (await readKeys(tx, personId)).filter((key) => !keys.includes(key));
      const own = numbers.map(({ number }) => number);
      const before: Link["before"] = { fields, applied: {}, keys, numbers: [], own, ownKeys };
      await insertLink(tx, { ...link, version, before, undoes: null });
    },
  };
}
