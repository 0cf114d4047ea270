// Who is this? One record against its candidates: which one it is, whether a steward has to say, or nobody.

import type { Decision, MatchCode } from "./codes.ts";
import { decidePair, type PairDecision, type PairFacts } from "./decide-pair.ts";
import type { Model } from "./model.ts";
import type { MatchRules } from "./rules.ts";
import { type ScoreOptions, scorer, type Weight } from "./score.ts";
import type { Levels, Prepared } from "./types.ts";

/** Somebody it may be: an id of ours, the levels of the comparison, and what is known of the pair. */
export type Candidate = { readonly id: string; readonly levels: Levels } & PairFacts;

/** A candidate as judged. */
export type RankedCandidate = {
  readonly id: string;
  readonly decision: Decision;
  readonly code: MatchCode;
  readonly weight: Weight;
};

/** What is decided, and by what. Holds no value of a person. */
export type Verdict = {
  readonly decision: Decision;
  readonly code: MatchCode;
  /** Whom it is linked to; `null` unless the decision is `link`. */
  readonly link: string | null;
  /** Best first; those that a veto keeps apart come last. */
  readonly candidates: readonly RankedCandidate[];
  /** Weight of the second, and how far the best is ahead of it; `null` where there is none. */
  readonly runnerUp: number | null;
  readonly margin: number | null;
  readonly model: Pick<Model, "name" | "version">;
  readonly rules: Pick<MatchRules, "name" | "version">;
  /** ISO instant of the state that was matched against. */
  readonly asAt: string;
};

/** What judging needs besides the candidates. */
export type JudgeOptions = ScoreOptions & { readonly model: Model; readonly rules: MatchRules };

const vetoes: ReadonlySet<MatchCode> = new Set(["MT-210", "MT-211", "MT-212"]);

/** A function that judges a record against its candidates. The order of the candidates does not matter. */
export function judging({ model, rules, ...options }: JudgeOptions) {
  const weigh = scorer(model, options);
  return (subject: Prepared, candidates: readonly Candidate[], asAt: string): Verdict => {
    const ranked = candidates
      .map(({ id, levels, ...facts }) => ({
        id,
        levels,
        ...decidePair(levels, facts, { model, rules, scorer: weigh }),
      }))
      .toSorted(
        (a, b) =>
          Number(vetoes.has(a.code)) - Number(vetoes.has(b.code)) || b.total - a.total || (a.id < b.id ? -1 : 1),
      );
    const [best, second] = ranked.filter(({ code }) => !vetoes.has(code));
    const margin = best && second ? best.total - second.total : null;
    const { decision, code } =
      isTraceable(subject) || !rules.needsTrace
        ? ruleOn(ranked, rules, model.thresholds.review)
        : ({ decision: "none", code: "MT-302" } as const);
    return {
      decision,
      code,
      link: decision === "link" ? best!.id : null,
      candidates: ranked.map((one) => ({
        id: one.id,
        decision: one.decision,
        code: one.code,
        weight: weigh.explain(one.levels),
      })),
      runnerUp: second?.total ?? null,
      margin,
      model: { name: model.name, version: model.version },
      rules: { name: rules.name, version: rules.version },
      asAt,
    };
  };
}

type Ranked = PairDecision & { readonly levels: Levels };

function ruleOn(ranked: readonly Ranked[], rules: MatchRules, review: number): Pick<PairDecision, "decision" | "code"> {
  if (ranked.length === 0) return { decision: "none", code: "MT-300" };
  const [best, second] = ranked.filter(({ code }) => !vetoes.has(code));
  const linked = ranked.filter(({ decision }) => decision === "link");
  if (linked.length > 1) return { decision: "review", code: "MT-201" };
  // A veto that a steward should see outranks a link to somebody else: one of the two records is wrong.
  const doubtful = ranked.find(({ code, decision }) => code === "MT-210" && decision === "review");
  const perfect = rules.steps.alphanumeric ? onlyPerfect(ranked) : undefined;
  const leader = linked[0] ?? perfect;
  if (leader && leader !== best) return { decision: "review", code: "MT-202" };
  if (leader && second && second.total >= review && leader.total - second.total < rules.leaderAdvantage)
    return { decision: "review", code: "MT-202" };
  if (leader && doubtful && doubtful.total >= leader.total) return { decision: "review", code: "MT-210" };
  if (leader) return { decision: "link", code: leader.decision === "link" ? leader.code : "MT-110" };
  const first = best?.decision === "review" ? best : (doubtful ?? best ?? ranked[0]!);
  if (
    first.decision === "review" &&
    second?.decision === "review" &&
    first.total - second.total < rules.leaderAdvantage
  )
    return { decision: "review", code: "MT-201" };
  return { decision: first.decision, code: first.code };
}

/** The one candidate with whom everything that both tell agrees, of at least name, whole birth date and gender. */
function onlyPerfect(ranked: readonly Ranked[]): Ranked | undefined {
  const perfect = ranked.filter(({ levels, decision }) => decision === "review" && isPerfect(levels));
  return perfect.length === 1 ? perfect[0] : undefined;
}

const isPerfect = ({ name, birthDate, gender, household }: Levels): boolean =>
  name === "same/same" && birthDate === "same" && gender === "same" && household.split("/")[0] === "same";

function isTraceable({ birthDate, given, family, gender, postcode, nhsNumber }: Prepared): boolean {
  const told = [given ?? family, gender, postcode, nhsNumber].filter((value) => value !== undefined);
  return birthDate !== undefined && told.length >= 2;
}
