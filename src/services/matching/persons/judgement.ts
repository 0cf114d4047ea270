// The judgement over those whom the index finds, in the words of the port.

import type { MatchCandidate, MatchVerdict } from "#canonical/contracts";
import { comparer } from "../compare.ts";
import { judging, type RankedCandidate } from "../judge.ts";
import type { Model } from "../model.ts";
import type { MatchRules } from "../rules.ts";
import { sentenceOf, wordsOf } from "../words.ts";
import type { Commonness } from "./commonness.ts";
import type { Form } from "./form.ts";

/** Somebody of the index. */
export type Known = { readonly personId: string; readonly form: Form; readonly isApart: boolean };

/** Judges a record against persons of the index. */
export type Judgement = (
  subject: Form,
  known: readonly Known[],
  state: { readonly asAt: string; readonly mark: string },
) => MatchVerdict;

const mostCandidates = 10;

/** A judgement under a model, rules, and what is known of the population. */
export function judgement(model: Model, rules: MatchRules, { population, shares }: Commonness): Judgement {
  const compare = comparer([], shares);
  const judge = judging({ model, rules, population });
  return (subject, known, { asAt, mark }) => {
    const candidates = known.map(({ personId, form, isApart }) => ({
      id: personId,
      levels: compare(subject.prepared, form.prepared),
      neverSame: isApart,
      superseded: isReplaced(subject, form) || isReplaced(form, subject),
    }));
    const { candidates: ranked, ...verdict } = judge(subject.prepared, candidates, asAt);
    return {
      ...verdict,
      said: sentenceOf(verdict.code),
      candidates: ranked.slice(0, mostCandidates).map(candidateOf),
      thresholds: model.thresholds,
      mark,
    };
  };
}

/** Whether the number of the one is a former number of the other. */
const isReplaced = ({ prepared }: Form, { former }: Form): boolean =>
  prepared.nhsNumber !== undefined && former.includes(prepared.nhsNumber);

const candidateOf = ({ id, decision, code, weight }: RankedCandidate): MatchCandidate => ({
  personId: id,
  decision,
  code,
  weight: weight.total,
  prior: weight.prior,
  reasons: weight.contributions.map((reason) => ({ ...reason, said: wordsOf(reason.comparison, reason.level) })),
  kinship: weight.kinship,
  ...(weight.probability === undefined ? {} : { probability: weight.probability }),
});
