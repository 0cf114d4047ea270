// The last step: what was refused is remembered, what was changed is told, and how the whole ended.

import type { PersonField } from "#canonical/model";
import type { NewMessage } from "#engine/backbone";
import type { AnyContext, Asked, Ended, StepEnd } from "#engine/sagas";
import type { WriteSettled } from "#engine/writeback";
import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { changedSoFar } from "./decide.ts";
import { leafMaker, PART } from "./leaves.ts";
import { fieldsWhere, valuesOf } from "./person.ts";
import { moveProposal } from "./proposals/store.ts";
import { isLinkedByMatching, keepDeclined } from "./spoken/speak.ts";
import { keepPersons, readPerson } from "./store.ts";
import type { Compared, Decided, DemographicsOptions, Identified, UpdateContext } from "./types.ts";
import { restorePerson } from "./write.ts";

type Results = {
  readonly identify: Identified;
  readonly compare: Compared;
  readonly decide: Decided;
  readonly written?: WriteSettled | undefined;
  readonly repair?: Asked | undefined;
  readonly approval?: Asked | undefined;
};

/** How a statement ended: what the last milestone says. */
export type Ending = "applied" | "unchanged" | "superseded" | "refused" | "joined" | "expired";

/** Names of the fields that changed. */
export type Closed = { readonly changed: readonly PersonField[] };

export const close =
  ({ clock, matching }: Pick<DemographicsOptions, "clock" | "matching">) =>
  async (context: UpdateContext<Results>): Promise<StepEnd<Closed>> => {
    const { results, instance } = context;
    const { compare, decide } = results;
    const changed = changedSoFar(results);
    const answer = answerTo(results);
    const said = leafMaker(clock, instance);
    return {
      result: { changed },
      ...(answer ? { leaves: [said("answered", answer)] } : {}),
      publish: changed.length > 0 ? [personChanged(instance, compare.personId, changed, decide.status)] : [],
      apply: async (tx) => {
        // What did not reach the ERP is not what is known.
        if (isUnwritten(results)) await restorePerson(tx, matching, instance, compare.personId, decide);
        if (answer === "refused") await refuse(tx, context);
        if (answer === "refused" || answer === "expired") await moveProposal(tx, instance.id, "asked", answer);
      },
    };
  };

/** What became of the question that was asked last, if any. */
function answerTo({ decide, approval }: Results): "refused" | "expired" | "withdrawn" | undefined {
  if (!decide.ask || !approval || approval.itemId === decide.answered) return undefined;
  return approval.action === "expired" || approval.action === "withdrawn" ? approval.action : "refused";
}

/** The ERP refused the write, and a person left it at that. */
const isUnwritten = ({ decide, written }: Results): boolean =>
  Object.keys(decide.values).length > 0 && written?.state === "refused";

async function refuse(tx: Tx, context: UpdateContext<Results>): Promise<void> {
  const { identify, compare, decide } = context.results;
  const person = await readPerson(tx, compare.personId);
  if (!person) throw new LockgateError("PERSON_CHANGED");
  const asked = new Set(decide.ask?.rows.map(({ field }) => field));
  const declined = fieldsWhere(compare.proposed, (field) => asked.has(field));
  await keepPersons(tx, [{ ...person, refused: { ...person.refused, ...valuesOf(declined) }, newKeys: [] }]);
  await keepDeclined(tx, context, { subject: person, isLinked: isLinkedByMatching(identify), declined });
}

/** Tells others that a person is known differently now: the names of the fields, no value. */
export const personChanged = (
  instance: AnyContext["instance"],
  personId: string,
  fields: readonly string[],
  nhsNumberStatus: string | undefined,
): NewMessage => ({
  topic: "person.changed",
  session: personId,
  journeyId: instance.journeyId,
  body: Buffer.from(JSON.stringify({ personId, fields, nhsNumberStatus: nhsNumberStatus ?? null })),
  contentType: "application/vnd.lockgate.person-changed+json",
  source: PART,
  causationId: String(instance.position),
  traceparent: instance.traceparent,
});

/** The word for the end of an instance. */
export function endingOf(
  results: Partial<Results> & { readonly close?: Closed | undefined },
  ended: Ended,
): Ending | Ended {
  if (ended !== "completed") return ended;
  const { identify, decide, repair, close: closed } = results;
  if (closed && closed.changed.length > 0) return "applied";
  if (!decide) return identify?.news === "changed" ? "superseded" : (identify?.news ?? "unchanged");
  if (!closed) return "superseded";
  const answer = answerTo(results as Results);
  if (answer) return answer === "withdrawn" ? "superseded" : answer;
  if (repair && isUnwritten(results as Results)) return "refused";
  if (decide.ask) return "superseded";
  if (decide.refused.length > 0) return "refused";
  return identify?.news === "superseded" ? "superseded" : "unchanged";
}
