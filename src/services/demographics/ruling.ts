// What the rule pack says of each field: the input of a decision put together, and the decision in the words of the saga.

import { type NhsNumberStatus, type PersonField, personFields } from "#canonical/model";
import {
  type Ask,
  askToMerge,
  type ComparedField,
  type Comparison,
  compareSources,
  type Decision,
  type DecisionInput,
  decide,
  type NationalWord,
  type Pack,
} from "#canonical/packs";
import { type KnownFields, type Said, saidOf, valuesOf } from "./person.ts";
import type { Precedence } from "./survivorship.ts";
import type { AskedFor, Compared, Traced } from "./types.ts";

type Value = Said["value"];

/** The ruling on one field that something is proposed for. */
export type FieldRuling = {
  readonly field: PersonField;
  readonly verdict: Decision["fields"][number]["verdict"];
  /** What the record is to hold, whose word that is, and whether the national service agrees with it. */
  readonly value: Value;
  readonly source: string;
  readonly verified: boolean;
  readonly current: Value;
  readonly national?: Value;
  readonly code: string;
  readonly risk: string;
};

/** How people are asked, whatever about. */
export type Asking = Pick<
  AskedFor,
  "queue" | "domain" | "reason" | "criticality" | "actions" | "dueMs" | "expiresMs" | "reasons"
>;

/** A ruling as a whole. */
export type Ruling = {
  readonly input: DecisionInput;
  readonly decision: Decision;
  readonly fields: readonly FieldRuling[];
  readonly asking?: Asking;
  /** The status of the person's number once the number that is ruled on stands in the record. */
  readonly statusThen: NhsNumberStatus;
  /** Whether the national service agrees with a value; undefined where it tells nothing of the field. */
  agrees(field: PersonField, value: Value): boolean | undefined;
};

/** Rules on what was compared, given what is known of the person. `nationalName` is the source of the national word. */
export function ruleOn(
  pack: Pack,
  { compare, trace }: { readonly compare: Compared; readonly trace: Traced },
  known: KnownFields,
  nationalName: string,
): Ruling {
  const input = inputOf(compare, trace, known);
  const comparison = compareSources({ ...input, pack });
  const decision = decide(comparison, pack);
  const compared = new Map<PersonField, ComparedField>(comparison.fields.map((one) => [one.field, one]));
  return {
    input,
    decision,
    fields: decision.fields.flatMap((one) => {
      const sides = compared.get(one.field);
      return sides?.proposed === undefined ? [] : [fieldRuling(one, sides, sides.proposed, compare, nationalName)];
    }),
    ...(decision.ask ? { asking: askingOf(decision.ask, reasonsOf(decision)) } : {}),
    statusThen: comparison.nhsNumberStatus,
    agrees: (field, value) => agreement(field, value, comparison, compared.get(field), trace),
  };
}

/**
 * How the pack has people asked about a merge. That the two are never the same was a steward's word: only stewards may say
 * otherwise (MT-212), two at least, whatever the pack says of merges.
 */
export function mergeAsking(pack: Pack, isApart: boolean): Asking {
  const asking = { ...askingOf(askToMerge(pack, "RC-401"), ["MG-500"]), reason: "MG-500" };
  if (!isApart) return asking;
  return {
    ...asking,
    reason: "MT-212",
    criticality: "high",
    reasons: [...asking.reasons, "MT-212"],
    actions: asking.actions.map((action) => ({ ...action, roles: ["steward"] })),
  };
}

/** Whose word the pack has count first where several speak of a field. */
export const precedenceOf = ({ fields }: Pick<Pack, "fields">): Precedence =>
  Object.fromEntries(Object.entries(fields).flatMap(([field, { sources }]) => (sources ? [[field, sources]] : [])));

/** Whether anything has been written of a person, or is on its way. */
export const hasValues = (known: KnownFields): boolean =>
  saidOf(known).some(([field, { value }]) => field !== "nhsNumberStatus" && value !== null);

function inputOf(compared: Compared, trace: Traced, known: KnownFields): DecisionInput {
  const { erp, proposed, moved, duplicate, restricted } = compared;
  const values = valuesOf(known);
  return {
    // A record that is on its way to the ERP will hold what is known.
    erp: erp ? ofPerson(erp.values) : hasValues(known) ? values : null,
    proposed: valuesOf(proposed),
    national: wordOf(trace),
    ...(restricted ? { restricted } : {}),
    ...(moved.length > 0 ? { moved } : {}),
    ...(duplicate ? { duplicate } : {}),
  };
}

function wordOf({ outcome, record, supersedes }: Traced): NationalWord {
  if (outcome !== "found" || !record) return { outcome: outcome === "found" ? "unasked" : outcome };
  return { outcome, record, ...(supersedes ? { supersedes } : {}) };
}

/** The fields of a record that are a person's. */
const ofPerson = (values: Readonly<Record<string, unknown>>): DecisionInput["erp"] =>
  Object.fromEntries(personFields.flatMap((field) => (field in values ? [[field, values[field]]] : [])));

function fieldRuling(
  { field, verdict, stance, code, risk }: Decision["fields"][number],
  { by, current, national }: ComparedField,
  value: Value,
  { proposed }: Compared,
  nationalName: string,
): FieldRuling {
  return {
    field,
    verdict,
    value,
    source: by === "national" ? nationalName : (proposed[field]?.source ?? nationalName),
    verified: stance === "agrees",
    current,
    ...(national === undefined ? {} : { national }),
    code,
    risk,
  };
}

function agreement(
  field: PersonField,
  value: Value,
  { person }: Comparison,
  sides: ComparedField | undefined,
  { record }: Traced,
): boolean | undefined {
  if (person.stance !== "found" && person.stance !== "superseded") return undefined;
  const told = record?.fields[field];
  if (told === undefined || told === null) return undefined;
  const isJudged = sides && (sides.proposed ?? sides.current) === value;
  if (isJudged) return sides.stance === "agrees" || (sides.stance === "differs" ? false : undefined);
  return told === value;
}

const reasonsOf = ({ person, fields }: Decision): string[] => {
  const asked = fields.filter(({ verdict }) => verdict === "approve" || verdict === "steward");
  return [...new Set([...(person.code ? [person.code] : []), ...asked.map(({ code }) => code)])];
};

function askingOf(ask: Ask, reasons: readonly string[]): Asking {
  const { queue, domain, roles, quorum, criticality, dueMs, expiresMs, reason } = ask;
  return {
    queue,
    domain,
    criticality,
    dueMs,
    expiresMs,
    reason,
    reasons,
    actions: [
      { name: "approve", quorum, roles },
      { name: "refuse", quorum: 1, roles },
    ],
  };
}
