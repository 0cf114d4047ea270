// The saga of one outcome that another steward decides again without knowing the first answer.
//
//   review ─▶ record ─ agreed, expired ─▶ end
//                 └─ differed ─▶ safety ─▶ close      a third person says which of the two holds

import type { Effects } from "#engine/backbone";
import { type Asked, defineSaga, END, type SagaDefinition, type StepContext, type StepEnd } from "#engine/sagas";
import type { NewItem } from "#engine/work";
import type { Clock } from "#kernel/clock";
import { PART } from "./outcomes/outcomes.ts";
import { overturnOutcome, setSecondReview } from "./outcomes/store.ts";
import { MATCH_SAMPLED, type MatchSampled, type SecondReview } from "./outcomes/types.ts";

const NAME = "matching.second-review";
const DAY_MS = 86_400_000;
const REVIEW_DUE_MS = 7 * DAY_MS;
/** A review that nobody has done by then says nothing any more. */
const REVIEW_EXPIRES_MS = 30 * DAY_MS;
const SAFETY_DUE_MS = DAY_MS;

/** Nobody of those shown. */
const NEW = "new";
const UPHOLD_SECOND = "uphold-second";

type Reviewed = { readonly review: SecondReview };
type SoFar = { readonly review: Asked; readonly record: Reviewed };
type Context<Results> = StepContext<MatchSampled, Results>;
type Question = Effects & { readonly item: Omit<NewItem, "reply" | "journeyId"> };

const linkTo = (index: number): string => `link:${index + 1}`;

/** The answer of the first decider in the words of the second one's actions. */
function firstAnswer({ choice, candidates }: MatchSampled): string {
  const index = candidates.findIndex(({ personId }) => personId === choice);
  return index < 0 ? NEW : linkTo(index);
}

const differs = ({ results }: Context<SoFar>): boolean => results.record.review === "differed";

/** The definition of `matching.second-review`. */
export const secondReviewSaga = ({ clock }: { readonly clock: Clock }): SagaDefinition =>
  defineSaga<MatchSampled>({
    name: NAME,
    version: 1,
    topic: MATCH_SAMPLED,
    read: (message) => JSON.parse(message.body.toString()) as MatchSampled,
    key: ({ outcomeId }) => outcomeId,
    failures: {
      queue: "match-steward",
      domain: "demographics",
      criticality: "normal",
      dueMs: REVIEW_DUE_MS,
      roles: ["steward"],
    },
    onEnd: ({ results, instance, ended }) => ({
      leaves: [
        {
          at: new Date(clock.now()),
          part: PART,
          name: "second-review.completed",
          outcome: (results as Partial<SoFar>).record?.review ?? ended,
          journeyId: instance.journeyId,
        },
      ],
    }),
  })
    .ask("review", { ask: askSecond(clock) })
    .step("record", { reads: true, run: recordReview, ways: { agreed: END, expired: END } })
    .ask("safety", { when: differs, ask: askSafety(clock) })
    .step("close", { reads: true, when: differs, run: closeReview(clock) })
    .end();

/** Asks what the first decider was asked, in the same order and without the answer. */
const askSecond =
  (clock: Clock) =>
  async ({ input }: Context<unknown>): Promise<Question> => ({
    item: {
      queue: "match-second-review",
      domain: "demographics",
      reason: "second-review",
      criticality: "normal",
      subject: input.outcomeId,
      title: "Second opinion: it is not said what was decided before",
      content: sideBySide(input),
      tried: [],
      actions: [...input.candidates.map((_, index) => linkTo(index)), NEW].map(steward),
      excluded: input.by,
      blind: true,
      dueAt: new Date(clock.now() + REVIEW_DUE_MS),
      expiresAt: new Date(clock.now() + REVIEW_EXPIRES_MS),
    },
  });

const steward = (name: string) => ({ name, quorum: 1, roles: ["steward"] });
const safetyOfficer = (name: string) => ({ name, quorum: 1, roles: ["clinical-safety-officer"] });

function sideBySide({ fields, candidates, judged }: MatchSampled) {
  const weighed = new Map(judged.map((one) => [one.personId, one]));
  return {
    statement: { fields },
    candidates: candidates.map((one, index) => ({ place: index + 1, ...one, ...weighed.get(one.personId) })),
  };
}

async function recordReview({ input, results }: Context<{ readonly review: Asked }>): Promise<StepEnd<Reviewed>> {
  const { action } = results.review;
  const isAnswered = action === NEW || action.startsWith("link:");
  const review = !isAnswered ? "expired" : action === firstAnswer(input) ? "agreed" : "differed";
  return {
    result: { review },
    outcome: review,
    apply: async (tx) => {
      await setSecondReview(tx, input.outcomeId, review);
    },
  };
}

/** Asks a third person, who is shown both answers and not who gave them. */
const askSafety =
  (clock: Clock) =>
  async ({ input, results }: Context<SoFar>): Promise<Question> => ({
    item: {
      queue: "match-safety",
      domain: "safety",
      reason: "second-review-differed",
      criticality: "high",
      subject: input.outcomeId,
      title: "Two deciders disagree about who somebody is",
      content: {
        ...sideBySide(input),
        first: { answer: firstAnswer(input), settledBy: input.settledBy },
        second: { answer: results.review.action },
      },
      tried: ["decided twice, with different answers"],
      actions: ["uphold-first", UPHOLD_SECOND].map(safetyOfficer),
      excluded: [...input.by, ...results.review.by.map(({ name }) => name)],
      dueAt: new Date(clock.now() + SAFETY_DUE_MS),
    },
  });

const closeReview =
  (clock: Clock) =>
  async ({
    input,
    results,
  }: Context<SoFar & { readonly safety?: Asked | undefined }>): Promise<StepEnd<{ readonly overturned: boolean }>> => {
    const { safety } = results;
    const overturned = safety?.action === UPHOLD_SECOND;
    return {
      result: { overturned },
      apply: async (tx) => {
        const by = (safety?.by ?? []).map(({ name }) => name);
        if (overturned) await overturnOutcome(tx, input.outcomeId, by, new Date(clock.now()));
      },
    };
  };
