// The decision: what is done with each field, and what people are asked, by the rules of one pack.

import { whereabouts } from "#canonical/model";
import { hasValidCheckDigit } from "#canonical/rules";
import { askFor } from "./ask.ts";
import { compareSources } from "./compare-sources.ts";
import { byTwoPeople, neverByItself, type PackField } from "./fields.ts";
import type { Pack, Stance } from "./pack-schema.ts";
import type { ChangeKind, ComparedField, Comparison, DecidedField, Decision, DecisionInput } from "./types.ts";

/** Decides on a comparison. Pure: the same comparison under the same pack is the same decision. */
export function decide(comparison: Comparison, pack: Pack): Decision {
  const person = rulePerson(comparison, pack);
  const fields = comparison.fields.map((compared): DecidedField => {
    const { field, stance, code } = compared;
    const verdict = ruleField(compared, comparison, person.verdict === "steward", pack);
    const isWithheld = comparison.restricted && !mayWrite(field, pack);
    return { field, verdict, code: isWithheld ? "MT-310" : code, risk: pack.fields[field].risk, stance };
  });
  return {
    pack: { name: pack.name, version: pack.version, digest: pack.digest },
    person,
    fields,
    ask: askFor(pack, person, fields),
    unverified: isUnverified(comparison, fields),
    nhsNumberStatus: statusNow(comparison, fields),
  };
}

/** Decides again what was decided before, by another pack. */
export const decideAgain = (recorded: DecisionInput, pack: Pack): Decision =>
  decide(compareSources({ ...recorded, pack }), pack);

function rulePerson({ isNew, isDeathNews, person }: Comparison, pack: Pack): Decision["person"] {
  const { stance, code } = person;
  if (stance === "conflict" || stance === "invalidated") return { stance, verdict: pack[stance], code };
  if (!isNew) return { stance, verdict: "proceed", code };
  if (isDeathNews) return { stance, verdict: pack.newPerson.nationallyDeceased, code: "DQ-DTH-001" };
  const verdict = pack.newPerson[stance === "superseded" ? "found" : stance];
  return { stance, verdict: verdict === "apply" ? "proceed" : "steward", code };
}

function ruleField(
  { field, proposed, by, change, code, stance }: ComparedField,
  { isNew, restricted, moved, duplicate }: Comparison,
  waits: boolean,
  pack: Pack,
): DecidedField["verdict"] {
  if (change === "none") return "same";
  if (restricted && !mayWrite(field, pack)) return "refuse";
  if (field === "nhsNumber" && typeof proposed === "string" && !hasValidCheckDigit(proposed)) return "refuse";
  if (waits || moved.includes(field) || (field === "nhsNumber" && duplicate)) return "steward";
  // A new person is written as told, but for a death: nobody is registered as dead on one person's word.
  if (isNew && by === "local" && !byTwoPeople.includes(field)) return "apply";
  if (code === "RC-406") return pack.superseded;
  const { risk, authority } = pack.fields[field];
  const verdict = pack.rules[risk][stance][authority];
  return verdict !== "refuse" && isEased(field, change, stance, pack) ? "apply" : verdict;
}

/** Whether the field may be written of a restricted person. */
const mayWrite = (field: PackField, { restricted }: Pack): boolean =>
  !whereabouts.has(field) && restricted.write.includes(field);

/** A first value that is agreed on, or another spelling: where the pack lets those through, and never of an identity. */
const isEased = (field: PackField, change: ChangeKind, stance: Stance, pack: Pack): boolean =>
  !neverByItself.includes(field) &&
  ((change === "fill" && stance === "agrees" && pack.fill === "apply") ||
    (change === "respelling" && pack.respelling === "apply"));

/** A new person is verified as a whole, a known one value by value. */
function isUnverified({ isNew, person }: Comparison, fields: readonly DecidedField[]): boolean {
  const applied = fields.filter(({ verdict }) => verdict === "apply");
  if (isNew) return applied.length > 0 && person.stance !== "found" && person.stance !== "superseded";
  return applied.some(({ stance }) => stance !== "agrees");
}

function statusNow({ nhsNumberStatus }: Comparison, fields: readonly DecidedField[]): Decision["nhsNumberStatus"] {
  const number = fields.find(({ field }) => field === "nhsNumber")?.verdict ?? "same";
  return nhsNumberStatus === "01" && number !== "same" && number !== "apply" ? "06" : nhsNumberStatus;
}
