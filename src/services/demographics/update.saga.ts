// The saga of one statement about a person: from what the hospital says to what the ERP holds.
//
//      ┌─▶ match (a steward)
//      │     │ decided
//      │     ▼
//   identify ─▶ trace ─▶ compare ─▶ decide ─▶ write ─▶ written ─▶ approval ─▶ close
//      │ nothing new ▲      ▲                            │ conflict   │ approved
//      └─▶ end       │      └────────────────────────────┘            │
//                    └────────────────────────────────────────────────┘

import type { PersonUpdate } from "#canonical/model";
import { defineSaga, END, type Ended, type SagaDefinition } from "#engine/sagas";
import type { Tx } from "#kernel/db";
import { approval, repair, stands } from "./approval.ts";
import { close, endingOf } from "./close.ts";
import { compare } from "./compare.ts";
import { decide } from "./decide.ts";
import { toStewards } from "./failures.ts";
import { identify, keptInput } from "./identify.ts";
import { leafMaker } from "./leaves.ts";
import { isReserved } from "./matched/keep.ts";
import { askMatch, matchWays } from "./matched/question.ts";
import { dropQuestion } from "./matched/store.ts";
import { pendingTill } from "./pending.ts";
import { withoutWhereabouts } from "./person.ts";
import { dropProposal } from "./proposals/store.ts";
import { writeSettled, writtenOutcome } from "./settled.ts";
import { nationalDesk, trace } from "./trace.ts";
import type { Compared, Decided, DemographicsOptions, Identified } from "./types.ts";
import { unwrite, write } from "./write.ts";

const NAME = "demographics.update";

type EndResults = { readonly identify?: Identified; readonly compare?: Compared; readonly decide?: Decided };
type SoFar = { readonly results: { readonly decide: Decided } };
const writes = ({ results }: SoFar): boolean => Object.keys(results.decide.values).length > 0;
const asks = ({ results }: SoFar): boolean => results.decide.ask !== undefined;

/** Whether the person is restricted, or may be. */
const isRestricted = ({ identify, compare }: EndResults): boolean =>
  compare?.restricted ?? identify?.review?.isWithheld ?? false;

/** A saga that ends leaves no question, no proposal, and nobody findable who is not known. */
async function leaveNothingOpen(
  tx: Tx,
  { matching }: DemographicsOptions,
  results: EndResults,
  instanceId: string,
  ended: Ended,
): Promise<void> {
  if (isReserved(results)) await matching.drop(tx, [results.identify!.personId]);
  if (ended === "completed") return;
  await dropProposal(tx, instanceId);
  if (results.identify?.review) await dropQuestion(tx, instanceId);
}

/** The definition of `demographics.update`. */
export function updateSaga(options: DemographicsOptions): SagaDefinition {
  const { clock, writeback } = options;
  const desk = nationalDesk(clock, options.national);
  return defineSaga<PersonUpdate>({
    name: NAME,
    version: 1,
    topic: "person.updated",
    concurrency: 64,
    read: (message) => JSON.parse(message.body.toString()) as PersonUpdate,
    keep: (input, results) => keptInput(input, isRestricted(results) ? withoutWhereabouts(input.fields) : input.fields),
    settle: (thrown) => writeback.holdWhileDown(thrown) ?? desk.holdWhileDown(thrown) ?? pendingTill(clock, thrown),
    failures: toStewards,
    onEnd: ({ results, instance, ended }) => ({
      leaves: [leafMaker(clock, instance)("completed", endingOf(results, ended), { detail: { ends: true } })],
      apply: (tx: Tx) => leaveNothingOpen(tx, options, results, instance.id, ended),
    }),
  })
    .step("identify", {
      reads: true,
      keeps: true,
      run: identify(options),
      ways: { unchanged: END, superseded: END, joined: END },
    })
    .ask("match", {
      when: ({ results }) => results.identify.review !== undefined,
      ask: askMatch(options),
      ways: matchWays("identify"),
    })
    .step("trace", { reads: true, run: trace(clock, desk) })
    .step("compare", { reads: true, run: compare(options), ways: { superseded: END } })
    .step("decide", { reads: true, run: decide(options) })
    .step("write", { reads: true, when: writes, run: write(options), undo: unwrite(options) })
    .wait("written", {
      when: writes,
      event: writeSettled(NAME),
      outcome: writtenOutcome,
      ways: { conflict: "compare" },
    })
    .ask("repair", {
      when: (context) => writes(context) && context.results.written?.state === "refused",
      ask: repair(options),
      ways: { retry: "compare" },
    })
    .step("stands", {
      reads: true,
      when: (context) => asks(context) && writes(context),
      run: stands(options),
    })
    .ask("approval", {
      when: (context) => asks(context) && context.results.stands?.stands !== false,
      ask: approval(options),
      // A decision may come after weeks: the national service is asked anew, too.
      ways: { approve: "trace" },
    })
    .step("close", { reads: true, run: close(options) })
    .end();
}
