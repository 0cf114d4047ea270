// What a match leaves behind: somebody new whom others find from this commit on, a steward's word kept, and the milestone.

import type { MatchVerdict, PersonMatching, SettledMatch } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import type { Leaf } from "#engine/audit";
import { type Effects, gathering } from "#engine/backbone";
import type { Asked } from "#engine/sagas";
import { keepFindable } from "../findable.ts";
import { leafMaker } from "../leaves.ts";
import { matchedLink } from "../links/matched.ts";
import { type Person, withoutWhereabouts } from "../person.ts";
import { keepIdentifier } from "../store.ts";
import type { Decided, DemographicsOptions, Identified, UpdateContext } from "../types.ts";
import { type Matched, visibleOf } from "./match.ts";
import { dropQuestion } from "./store.ts";

type Results = {
  /** Of the round before. */
  readonly identify?: Identified | undefined;
  readonly decide?: Decided | undefined;
};
type Context = UpdateContext<Results>;

/** Whether somebody new is findable and not kept: the decision keeps them. */
export const isReserved = ({ identify, decide }: Results): boolean =>
  identify?.found === "new" && !identify.review && !decide;

type Outcome = { readonly matching: PersonMatching; readonly settled: SettledMatch };
const outcomeRow = gathering<Outcome>(async (tx, rows) => {
  const [first] = rows;
  await first?.matching.outcomes(
    tx,
    rows.map(({ settled }) => settled),
  );
});

/** Effects of what matching found, or a steward. */
export function matchedEffects(
  options: Pick<DemographicsOptions, "matching" | "clock">,
  { input, instance, results }: Context,
  matched: Matched,
): Effects {
  const { matching } = options;
  if ("review" in matched) return {};
  // Of a steward's answer, what was asked about: how long it took is told from then.
  const verdict = (matched.chosen && results.identify?.review?.verdict) ?? matched.verdict;
  const outcome = outcomeRow({
    matching,
    settled: settledOf({ ...matched, verdict }, input.fields, instance.journeyId),
  });
  if ("person" in matched) {
    const { id } = matched.person;
    // What a steward said is so from now on, whatever becomes of this statement.
    const keys = matched.chosen ? matched.newKeys.map((key) => keepIdentifier({ id, key })) : [];
    const { person, newKeys, by: code, chosen } = matched;
    const link = matchedLink(options, instance, { person, keys: newKeys, code, by: namesOf(chosen) });
    return { gather: [outcome, ...keys], ...link };
  }
  const { newId: personId, apart, chosen } = matched;
  const { journeyId } = instance;
  const fields = matched.notOwn === undefined ? input.fields : { ...input.fields, nhsNumber: null };
  return {
    gather: [outcome, keepFindable(matching, { personId, fields, newSince: matched.verdict.mark })],
    apply: async (tx) => {
      for (const otherId of apart)
        await matching.keepApart(tx, { oneId: personId, otherId, by: namesOf(chosen), journeyId });
    },
  };
}

const namesOf = (chosen: Asked | undefined): string[] => chosen?.by.map(({ name }) => name) ?? [];

/** Where one of the candidates lives is withheld, nobody is told it by what was said of the person either. */
const settledOf = (matched: Matched, said: PersonChanges, journeyId: string): SettledMatch => ({
  journeyId,
  verdict: matched.verdict,
  fields: matched.candidates.some(({ restricted }) => restricted) ? withoutWhereabouts(said) : said,
  candidates: matched.candidates.map((person) => ({ personId: person.id, fields: visibleOf(person) })),
  settledBy: matched.chosen ? "steward" : "auto",
  by: namesOf(matched.chosen),
  choice: "person" in matched ? matched.person.id : null,
  ...movesOf("person" in matched ? matched.person : matched.candidates[0], said),
});

/** How often somebody moved: as is known of the person it is, or else of whom it most likely was, and as this statement tells. */
function movesOf(person: Person | undefined, { postcode }: PersonChanges): Pick<SettledMatch, "addressChanges"> {
  const held = person?.restricted ? undefined : person?.fields.postcode;
  if (!held) return {};
  const hasMoved = typeof postcode === "string" && held.value !== null && postcode !== held.value;
  return { addressChanges: (held.moves ?? 0) + Number(hasMoved) };
}

/** What an earlier round has left open and this one has not: its question, and somebody new who is not new after all. */
export const roundEffects = (
  { matching }: Pick<DemographicsOptions, "matching">,
  { instance, results }: Context,
  found: { readonly personId: string; readonly isAsked: boolean },
): Effects => ({
  apply: async (tx) => {
    if (results.identify?.review && !found.isAsked) await dropQuestion(tx, instance.id);
    const before = isReserved(results) ? results.identify?.personId : undefined;
    if (before !== undefined && before !== found.personId) await matching.drop(tx, [before]);
  },
});

/** How somebody was found: codes and numbers, and who decided it. */
export function matchedLeaf(
  { clock }: Pick<DemographicsOptions, "clock">,
  { instance }: Context,
  whom: { readonly by: string } | Matched,
): Leaf {
  const leaf = leafMaker(clock, instance);
  const code = whom.by.startsWith("MT-") ? { code: whom.by } : {};
  if (!("verdict" in whom)) return leaf("matched", "ok", code);
  const actor = whom.chosen?.by.at(-1)?.name;
  return leaf("matched", "review" in whom ? "review" : "person" in whom ? "linked" : "new", {
    ...code,
    detail: weighed(whom.verdict, "person" in whom ? whom.person.id : undefined),
    ...(actor === undefined ? {} : { actor }),
  });
}

/** Of who was linked, or else of the best candidate. */
function weighed({ candidates, margin, model, rules }: MatchVerdict, personId: string | undefined) {
  const [best] = candidates;
  const weight = (candidates.find((one) => one.personId === personId) ?? best)?.weight;
  return {
    model: `${model.name} ${model.version}`,
    rules: `${rules.name} ${rules.version}`,
    ...(weight === undefined ? {} : { weight: inHundredths(weight) }),
    ...(margin === null ? {} : { margin: inHundredths(margin) }),
  };
}

const inHundredths = (bits: number): number => Math.round(bits * 100) / 100;
