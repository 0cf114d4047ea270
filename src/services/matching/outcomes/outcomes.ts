// Records what each match came to, and sends a share of them to another steward.

import { matchedFields, type PersonMatching, type SettledMatch } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import type { Backbone, NewMessage } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import { matchRulesName } from "../persons/open.ts";
import type { MatchRules } from "../rules.ts";
import { groupsOf } from "./groups.ts";
import { idOf, isSampled } from "./sample.ts";
import { insertOutcomes, overturnJourney } from "./store.ts";
import { type Choice, MATCH_SAMPLED, type MatchSampled, type OutcomeRow } from "./types.ts";

export const PART = "matching";

/** What recording needs: the rules in force say which share is reviewed again. */
export type OutcomeOptions = {
  readonly backbone: Pick<Backbone, "publish" | "numberOf">;
  readonly clock: Clock;
  readonly rules: { current(name: string): Promise<Pick<MatchRules, "secondReview">> };
};

/** The part of the port that keeps outcomes. */
export function matchOutcomes({
  backbone,
  clock,
  rules,
}: OutcomeOptions): Pick<PersonMatching, "outcomes" | "overturned"> {
  // A topic's number is learnt on a connection of its own: before a transaction holds one. If that fails, it is asked then.
  void backbone.numberOf(MATCH_SAMPLED).catch(() => undefined);
  // Inside a transaction what was read last is good enough: a new pack counts from the next outcome on.
  let held: number | undefined;
  const readShare = async (): Promise<number> => {
    held = (await rules.current(matchRulesName)).secondReview.share;
    return held;
  };
  const share = (): number | Promise<number> => {
    const reading = readShare();
    if (held === undefined) return reading;
    void reading.catch(() => undefined);
    return held;
  };
  void readShare().catch(() => undefined);
  return {
    async outcomes(tx, all) {
      const [at, reviewed] = [new Date(clock.now()), await share()];
      const rows = all.map((settled) => ({ settled, row: rowOf(settled, at, reviewed) }));
      const added = await insertOutcomes(
        tx,
        rows.map(({ row }) => row),
      );
      const sampled = rows.filter(({ row }) => row.sampled && added.delete(row.id));
      await backbone.publish(
        tx,
        sampled.map(({ row, settled }) => sampledMessage(row.id, settled)),
      );
    },
    overturned: (tx, match) => overturnJourney(tx, match, new Date(clock.now())),
  };
}

function rowOf(settled: SettledMatch, at: Date, share: number): OutcomeRow {
  const { verdict, journeyId, settledBy, choice } = settled;
  const id = idOf([journeyId, settledBy, choice ?? ""].join(":"));
  const { asAt, code, decision, margin, model, rules, runnerUp } = verdict;
  return {
    id,
    journeyId,
    at,
    matchedAt: asAt,
    decision,
    code,
    weight: verdict.candidates[0]?.weight ?? null,
    runnerUp,
    margin,
    model: `${model.name}@${model.version}`,
    rules: `${rules.name}@${rules.version}`,
    settledBy,
    choice: choiceOf(settled),
    sampled: isReviewable(settled) && isSampled(id, share),
    ...groupsOf(settled.fields, at, settled.addressChanges),
  };
}

const choiceOf = ({ choice, verdict }: SettledMatch): Choice =>
  choice === null ? "nobody" : choice === verdict.candidates[0]?.personId ? "best" : "other";

/** A link that nobody looked at, or a steward's answer; somebody new without a doubt leaves nothing to choose from. */
const isReviewable = ({ settledBy, choice, candidates }: SettledMatch): boolean =>
  (settledBy === "steward" || choice !== null) && candidates.length > 0;

function sampledMessage(outcomeId: string, settled: SettledMatch): NewMessage {
  const { journeyId, settledBy, by, choice, verdict } = settled;
  const sampled: MatchSampled = {
    outcomeId,
    journeyId,
    settledBy,
    by,
    choice,
    fields: shown(settled.fields),
    candidates: settled.candidates.map(({ personId, fields }) => ({ personId, fields: shown(fields) })),
    judged: verdict.candidates.map(({ personId, weight, reasons }) => ({ personId, weight, reasons })),
  };
  return {
    topic: MATCH_SAMPLED,
    journeyId,
    body: Buffer.from(JSON.stringify(sampled)),
    contentType: "application/vnd.lockgate.match-sampled+json",
    source: PART,
  };
}

const shown = (fields: PersonChanges): PersonChanges =>
  Object.fromEntries(matchedFields.flatMap((field) => (fields[field] ? [[field, fields[field]]] : [])));
