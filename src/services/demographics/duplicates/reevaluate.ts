// Looks again at a person who is known differently now, and at nobody else: does somebody we know look like the same?

import { createHash } from "node:crypto";
import { matchedFields } from "#canonical/contracts";
import type { Effects, Handler, NewMessage, SubscriptionOptions } from "#engine/backbone";
import { journeyBegun, type NewRoot } from "#engine/channels";
import { findableOf } from "../findable.ts";
import { PART } from "../leaves.ts";
import { keptApart } from "../links/store.ts";
import type { Person } from "../person.ts";
import { readPerson } from "../store.ts";
import type { DemographicsOptions } from "../types.ts";
import { digestOf, pairDigest, suspectedMessage } from "./pair.ts";
import { evaluatedRow, isEvaluated } from "./store.ts";

type Options = Pick<DemographicsOptions, "db" | "matching" | "clock">;
type Changed = { readonly personId: string; readonly fields: readonly string[] };

/** Somebody who has parted from another is looked at whatever changed. */
const PARTED = "mergedIntoId";

/** The subscription that follows `person.changed`. */
export const reevaluation = (options: Options): SubscriptionOptions => ({
  name: "demographics.reevaluation",
  topic: "person.changed",
  handler: reevaluate(options),
  // Those who begin side by side ask in one statement.
  concurrency: 128,
});

const reevaluate =
  (options: Options): Handler =>
  async (message) => {
    const { personId, fields } = JSON.parse(message.body.toString()) as Changed;
    const isMatched = fields.some((field) => field === PARTED || (matchedFields as readonly string[]).includes(field));
    if (!isMatched) return { settle: "complete" };
    const person = await readPerson(options.db, personId);
    if (!person || person.mergedInto) return { settle: "complete" };
    const digest = digestOf(person);
    if (await isEvaluated(options.db, personId, digest)) return { settle: "complete" };
    const publish = await suspicions(options, person, message);
    const roots = publish.map((suspicion) => journeyBegun(rootOf(suspicion, personId, options.clock.now())));
    return { settle: "complete", gather: [evaluatedRow({ personId, digest }), ...roots], publish };
  };

const rootOf = ({ journeyId, body }: NewMessage, personId: string, at: number): NewRoot => ({
  journeyId,
  at: new Date(at),
  origin: "demographics.duplicates",
  by: PART,
  requestId: journeyId,
  digest: createHash("sha256").update(body).digest(),
  keys: [{ kind: "personId", value: personId }],
  strands: 1,
});

/** One message for each person whom this one may be, and of whom nobody has said otherwise. */
async function suspicions(
  { db, matching }: Options,
  person: Person,
  from: Parameters<typeof suspectedMessage>[0],
): Promise<NonNullable<Effects["publish"]>> {
  const findable = findableOf({ ...person, newKeys: [] });
  const verdict = await matching.match(findable.fields, findable);
  const likely = verdict.candidates.filter(({ decision }) => decision !== "none");
  const messages = await Promise.all(
    likely.map(async ({ personId: otherId, code }) => {
      const [other, apart] = await Promise.all([readPerson(db, otherId), keptApart(db, person.id, otherId)]);
      // Whoever is not kept yet is looked at when it is.
      if (!other || other.mergedInto || apart) return [];
      return [suspectedMessage(from, { personId: person.id, otherId, code, digest: pairDigest(person, other) })];
    }),
  );
  return messages.flat();
}
