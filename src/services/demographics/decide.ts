// Fourth step: the rules' ruling on each field, what a person has approved, and what the person store keeps of it.

import { addressFields, type Finding, type PersonField } from "#canonical/model";
import type { StepEnd } from "#engine/sagas";
import type { Action } from "#engine/work";
import { LockgateError } from "#kernel/errors";
import { shownVersion } from "./approval.ts";
import { subjectAsCompared } from "./compare.ts";
import { personOf } from "./identify.ts";
import { type DecideResults, type Keepable, keepDecided, keptOf, statusOf, valuesToWrite } from "./keep.ts";
import { fieldsWhere, type KnownFields, type Said } from "./person.ts";
import { forgotten } from "./restore.ts";
import { type Asking, type FieldRuling, type Ruling, ruleOn } from "./ruling.ts";
import { newSubject, type Subject } from "./statement.ts";
import { readPerson } from "./store.ts";
import { findBeside } from "./surroundings.ts";
import type { AskedFor, Decided, DemographicsOptions, ErpNow, Row, UpdateContext } from "./types.ts";

type Results = DecideResults;
type Context = UpdateContext<Results>;

/** Rules on each field; what needs nobody is kept at once. */
export const decide =
  (options: DemographicsOptions) =>
  async (context: Context): Promise<StepEnd<Decided>> => {
    const subject = await subjectOf(options, context);
    const known = baseline(context.results, subject);
    const pack = await options.rules.current("demographics");
    const ruling = ruleOn(pack, context.results, known, options.national.name);
    const sorted = sortFields(context, ruling);
    const findings = await findBeside(options, context.results.compare, known, ruling);
    const asking = ruling.asking && withFindings(ruling.asking, findings);
    const ask = asking && sorted.ask.length > 0 ? askFor(context, asking, sorted.ask) : undefined;
    const keeping: Keepable = {
      subject,
      known,
      applied: sorted.apply,
      same: sorted.same,
      ruling,
      isAsked: ask !== undefined,
      findings,
    };
    const kept = keptOf(context, keeping);
    const values = valuesToWrite(context, keeping, kept);
    const { approval } = context.results;
    const result: Decided = {
      decision: ruling.decision,
      input: ruling.input,
      applied: sorted.apply,
      before: fieldsWhere(known, (field) => field in sorted.apply),
      values,
      strict: sorted.approved.length > 0,
      refused: [...sorted.refused.map(({ field }) => field), ...sorted.declined],
      ...declinedSoFar(context.results, sorted.declined),
      changedBefore: changedSoFar(context.results),
      status: statusOf(ruling, sorted.apply),
      ...(ask ? { ask } : {}),
      ...(approval ? { answered: approval.itemId } : {}),
    };
    return { result, ...(await keepDecided(options, context, keeping, kept, result)) };
  };

/** The person as compared. @throws PERSON_CHANGED when another message was quicker */
async function subjectOf({ db, erp }: DemographicsOptions, { results }: Context): Promise<Subject> {
  const compared = subjectAsCompared(results.compare);
  if (compared?.version !== undefined) return compared;
  const { personId, personVersion, erp: held } = results.compare;
  if (personVersion === undefined) return newSubject(personId, held ? personOf(held.values) : {}, erp.name);
  const person = await readPerson(db, personId);
  if (person?.version !== personVersion) throw new LockgateError("PERSON_CHANGED");
  return person;
}

/** What is known without what an earlier round of this saga took in and the ERP then refused. */
function baseline({ decide: prior, written }: Results, subject: Subject): KnownFields {
  const isRefused = prior && Object.keys(prior.values).length > 0 && written?.state === "refused";
  return isRefused ? forgotten(subject.fields, prior.applied, prior.before) : subject.fields;
}

/** Fields whose change has arrived at the ERP in earlier rounds. */
export function changedSoFar({ decide: prior, written }: Pick<Results, "decide" | "written">): readonly PersonField[] {
  if (!prior) return [];
  const arrived = Object.keys(prior.values).length > 0 && written?.state === "applied";
  return arrived
    ? [...new Set([...prior.changedBefore, ...(Object.keys(prior.values) as PersonField[])])]
    : prior.changedBefore;
}

type Sorted = {
  readonly apply: KnownFields;
  /** Of those applied, the ones that a person approved. */
  readonly approved: readonly PersonField[];
  /** Of those applied, the ones that the ERP holds already, if perhaps in another spelling. */
  readonly same: readonly PersonField[];
  readonly ask: readonly FieldRuling[];
  /** What the rules refuse, and what a person refused while the rest was approved. */
  readonly refused: readonly FieldRuling[];
  readonly declined: readonly PersonField[];
};

/** An approval covers exactly the values that were shown, at exactly the version of the ERP's record that was shown. */
function sortFields({ input, results }: Context, ruling: Ruling): Sorted {
  const covered = coveredBy(results);
  const declines = declinedBy(results);
  const asks = (one: FieldRuling) => (one.verdict === "approve" || one.verdict === "steward") && !declines(one);
  const approved = ruling.fields.filter((one) => asks(one) && covered(one));
  const same = ruling.fields.filter(({ verdict }) => verdict === "same");
  const apply = [...ruling.fields.filter(({ verdict }) => verdict === "apply"), ...same, ...approved];
  const at = Date.parse(input.eventAt);
  const said = ({ field, value, verified, source }: FieldRuling): [PersonField, Said] => {
    const proposed = results.compare.proposed[field];
    const from = proposed?.value === value ? proposed : { value, at, source };
    return [field, verified ? { ...from, verified } : from];
  };
  return {
    apply: Object.fromEntries(apply.map(said)),
    approved: approved.map(({ field }) => field),
    same: same.map(({ field }) => field),
    ask: ruling.fields.filter((one) => asks(one) && !covered(one)),
    refused: ruling.fields.filter(({ verdict }) => verdict === "refuse"),
    declined: ruling.fields.filter(declines).map(({ field }) => field),
  };
}

/** A refusal covers exactly the value that was shown, whatever the ERP holds by now. */
function declinedBy({ approval, decide: prior }: Results): (ruling: FieldRuling) => boolean {
  if (!isApproved({ approval, decide: prior })) return () => false;
  const shown = new Map(prior?.ask?.rows.map((row) => [row.field, row.proposed]));
  return ({ field, value }) => approval!.refused?.includes(field) === true && shown.get(field) === value;
}

/** What people refused stays refused in later rounds of the same statement. */
function declinedSoFar({ decide: prior }: Results, now: readonly PersonField[]): Pick<Decided, "declined"> {
  const all = [...new Set([...(prior?.declined ?? []), ...now])];
  return all.length > 0 ? { declined: all } : {};
}

function coveredBy({ approval, decide: prior, written, compare }: Results): (ruling: FieldRuling) => boolean {
  if (!isApproved({ approval, decide: prior }) || !prior?.ask) return () => false;
  const shown = new Map(prior.ask.rows.map((row) => [row.field, row]));
  const version = shownVersion(prior, written);
  const { externalId } = prior.ask;
  return ({ field, value, current }) => {
    const row = shown.get(field);
    if (!row || row.proposed !== value) return false;
    if (field === "nhsNumber" && compare.duplicate) return false;
    // Where there was no record yet to take a version from, what it holds has to be what was shown.
    if (externalId === undefined) return isBlank(row.current) ? isBlank(current) : row.current === current;
    // After a merge it is another record that is to be written.
    return externalId === compare.erp?.externalId && version === compare.erp.version;
  };
}

/** The ERP holds `false` where it was told nothing of a death. */
const isBlank = (value: Said["value"]): boolean => value === null || value === false;

/** Whether a person has approved what was asked last, and no decision has used that yet. */
const isApproved = ({ approval, decide: prior }: Pick<Results, "approval" | "decide">): boolean =>
  approval?.action === "approve" && approval.itemId !== prior?.answered;

function askFor({ results }: Context, asking: Asking, fields: readonly FieldRuling[]): AskedFor {
  const { compare, written } = results;
  return {
    ...asking,
    actions: asking.actions.map((action) => (action.name === "approve" ? inParts(action, fields) : action)),
    rows: fields.map((one) => ({ ...rowOf(one), ...sayerOf(one, compare.proposed[one.field]) })),
    ...(compare.erp ? erpShown(compare.erp) : {}),
    wentStale: isApproved(results) || (results.decide?.strict === true && written?.state === "refused"),
    sources: [...new Set(fields.flatMap(({ field }) => compare.proposed[field]?.source ?? []))],
  };
}

/** Whoever is asked is told what was found as well. */
const withFindings = (asking: Asking, findings: readonly Finding[]): Asking => ({
  ...asking,
  reasons: [...new Set([...asking.reasons, ...findings.map(({ code }) => code)])],
});

/**
 * Each field of several may be refused while the others are approved; those of an address together, as a new street beside the
 * old postcode would be an address nobody gave.
 */
function inParts(action: Action, rulings: readonly FieldRuling[]): Action {
  const parts = rulings.map(({ field }) => field);
  const address = parts.filter((field) => isOfAddress(field));
  const tied = address.length > 1 ? [{ parts: address }] : [];
  const choices = parts.length - address.length + Math.min(1, address.length);
  return choices < 2 ? action : { ...action, parts, ...(tied.length > 0 ? { tied } : {}) };
}

const isOfAddress = (field: PersonField): boolean => (addressFields as readonly PersonField[]).includes(field);

const rowOf = ({ field, current, value, national, code, risk }: FieldRuling): Row => ({
  field,
  current,
  proposed: value,
  ...(national === undefined ? {} : { national }),
  code,
  risk,
});

/** Whose word a proposed value is; of when, where it is not the national service's of this moment. */
const sayerOf = ({ value, source }: FieldRuling, said: Said | undefined): Pick<Row, "source" | "saidAt"> =>
  said?.value === value ? { source: said.source, saidAt: new Date(said.at).toISOString() } : { source };

const erpShown = ({ externalId, version, modifiedAt }: ErpNow) => ({
  externalId,
  erpVersion: version,
  erpChangedAt: new Date(modifiedAt).toISOString(),
});
