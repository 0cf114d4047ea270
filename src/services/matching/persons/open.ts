// Matching of one record at a time against the index of persons in PostgreSQL.

import type { FindablePerson, PersonMatching } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import type { Environment } from "#canonical/rules";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Model } from "../model.ts";
import { preparer } from "../prepare.ts";
import type { MatchRules } from "../rules.ts";
import { countingCommonness } from "./commonness.ts";
import { type Form, formReader } from "./form.ts";
import { indexKeys } from "./index-keys.ts";
import { type Judgement, judgement } from "./judgement.ts";
import { type Kept, keepAll } from "./keep.ts";
import { countHolders, dropLines, holdersReader, insertApart } from "./store.ts";

/** The name that the rules of matching go by. */
export const matchRulesName = "matching";

/** What matching works with. */
export type PersonMatchingOptions = {
  readonly db: Db;
  readonly clock: Clock;
  /** Whether NHS numbers of the test range count. */
  readonly environment: Environment;
  readonly model: Model;
  /** The rules in force, by name. */
  readonly rules: { current(name: string): Promise<MatchRules> };
};

/** The part of the port that finds and judges. */
export type PersonIndex = Pick<PersonMatching, "match" | "countPhone" | "keep" | "drop" | "keepApart">;

/** Opens the index of persons; any number of nodes may. */
export function openPersonMatching({ db, clock, environment, model, rules }: PersonMatchingOptions): PersonIndex {
  const prepare = preparer({ environment });
  const readForm = formReader();
  const readHolders = holdersReader(db);
  const commonness = countingCommonness(db, clock);
  let held: { readonly basis: readonly unknown[]; readonly judge: Judgement } | undefined;

  const current = async (): Promise<Judgement> => {
    const [pack, common] = await Promise.all([rules.current(matchRulesName), commonness()]);
    if (held?.basis[0] !== pack || held.basis[1] !== common)
      held = { basis: [pack, common], judge: judgement(model, pack, common) };
    return held.judge;
  };
  // Inside a transaction what was read last is good enough: to read anew would hold the transaction up.
  const judge = async (): Promise<Judgement> => held?.judge ?? (await current());

  const formOf = (fields: PersonChanges, former: readonly string[] = []): Form => ({
    prepared: prepare({ fields }),
    former,
  });

  return {
    async match(fields, asPerson) {
      const judgeNow = await current();
      const subject = formOf(fields, asPerson?.formerNumbers);
      const found = await readHolders({ keys: indexKeys(subject), personId: asPerson?.personId });
      const known = found.holders.map(({ line, ...holder }) => ({ ...holder, form: readForm(line) }));
      return judgeNow(subject, known, { asAt: new Date(clock.now()).toISOString(), mark: found.mark });
    },
    countPhone: (phone, asPerson) =>
      countHolders(
        db,
        indexKeys(formOf({ phone })).map(({ key }) => key),
        asPerson,
      ),
    async keep(tx, persons) {
      // Of one who is said twice in a round, the last is what is known.
      const byId = new Map(persons.map((person) => [person.personId, person]));
      if (byId.size > 0) await keepAll(tx, [...byId.values()].map(toKeep), { readForm, judge });
    },
    async drop(tx, personIds) {
      if (personIds.length > 0) await dropLines(tx, personIds);
    },
    async keepApart(tx, apart) {
      await insertApart(tx, apart);
    },
  };

  function toKeep({ personId, fields, formerNumbers, newSince }: FindablePerson): Kept {
    return { personId, form: formOf(fields, formerNumbers), since: newSince };
  }
}
