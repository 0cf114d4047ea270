// One statement tried on a rule pack: the steps of `demographics.update` up to the decision, of which nothing is kept.

import type { PersonUpdate } from "#canonical/model";
import { compareSources, type DecisionInput, decideAgain, type Pack } from "#canonical/packs";
import type { Sagas } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { newTrace } from "#kernel/trace";
import { compare } from "./compare.ts";
import { decide } from "./decide.ts";
import { identify } from "./identify.ts";
import { recordedDecisionOf } from "./recorded.ts";
import { nationalDesk, trace } from "./trace.ts";
import type { DemographicsOptions, Identified, Traced } from "./types.ts";

/** What a pack would make of a statement. Holds personal values: whoever passes it on masks it. */
export type Trial = {
  /** `doubtful`: a steward would first have to say whom it is about. Absent of what was recorded. */
  readonly whom?: Identified["found"] | "doubtful";
  /** What the statement says against what is known. Absent of what was recorded. */
  readonly news?: Identified["news"];
  /** Why it is taken to be that person, or is doubtful. */
  readonly by?: string;
  readonly restricted: boolean;
  readonly decided?: ReturnType<typeof toldOf>;
};

/** Tries statements and what was decided. Reads where the saga would read, and has no effect. */
export type Trials = {
  /**
   * @param asksNationally whether the national service is asked; else the pack is told that it was not
   * @throws what the saga's steps would: PERSON_CONFLICT, PERSON_AMBIGUOUS, PERSON_PENDING, PERSON_UNDECIDED, errors of the ERP and the
   *   national service
   */
  statement(
    statement: PersonUpdate,
    pack: Pack,
    asked: { readonly asksNationally: boolean; readonly signal: AbortSignal },
  ): Promise<Trial>;
  /** What was decided last in a journey, decided again on what it was decided on. @throws RULES_NOT_ASKED */
  journey(journeyId: string, pack: Pack): Promise<Trial>;
};

/** The word of a service that was not asked. */
const UNASKED: Traced = { outcome: "found", code: "MT-300", by: "nothing" };

export function openTrials(options: DemographicsOptions, sagas: Pick<Sagas, "ofJourney" | "instance">): Trials {
  const desk = nationalDesk(options.clock, options.national);
  return {
    async statement(input, pack, { asksNationally, signal }) {
      const tried = { ...options, rules: { current: async () => pack } };
      const id = newId();
      const instance = { id, journeyId: id, saga: "demographics.trial", key: id, traceparent: newTrace(), position: 0 };
      const context = { input, instance, key: id, attempt: 1, signal };
      const { result: found } = await identify(tried)({ ...context, results: {} });
      const whom = { news: found.news, by: found.by, restricted: found.review?.isWithheld ?? false };
      if (found.review) return { ...whom, whom: "doubtful" };
      const national = asksNationally
        ? (await trace(options.clock, desk)({ ...context, results: { identify: found } })).result
        : UNASKED;
      const sides = { identify: found, trace: national };
      const { result: compared } = await compare(tried)({ ...context, results: sides });
      const { result } = await decide(tried)({ ...context, results: { ...sides, compare: compared } });
      return { ...whom, whom: found.found, restricted: compared.restricted, decided: toldOf(result.input, pack) };
    },
    async journey(journeyId, pack) {
      const recorded = await recordedDecisionOf(sagas, journeyId);
      if (!recorded) throw new LockgateError("RULES_NOT_ASKED", { at: journeyId });
      const decided = toldOf(recorded.input, pack);
      return { restricted: decided.isRestricted, decided };
    },
  };
}

/** The decision with the three sides of each field beside it. */
function toldOf(input: DecisionInput, pack: Pack) {
  const { restricted, fields } = compareSources({ ...input, pack });
  const { pack: by, person, ask, fields: ruled } = decideAgain(input, pack);
  return {
    isRestricted: restricted,
    pack: by,
    person,
    ask,
    rows: fields.map(({ field, current, proposed, national }) => ({
      field,
      current,
      ...(proposed === undefined ? {} : { proposed }),
      ...(national === undefined ? {} : { national }),
      ...ruled.find((one) => one.field === field),
    })),
  };
}
