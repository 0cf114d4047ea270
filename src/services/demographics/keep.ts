// What a decision leaves behind: the golden record, the values for the ERP, the proposal, and the milestones.

import type { PatientValues } from "#canonical/contracts";
import { patientRecordFromPerson, patientValuesFromPerson } from "#canonical/maps";
import {
  type Finding,
  type NhsNumberStatus,
  type PersonChanges,
  type PersonField,
  whereabouts,
} from "#canonical/model";
import type { Leaf } from "#engine/audit";
import type { Effects, NewMessage } from "#engine/backbone";
import type { Asked } from "#engine/sagas";
import type { WriteSettled } from "#engine/writeback";
import type { Tx } from "#kernel/db";
import { newId } from "#kernel/ids";
import { digestOfFindable, pairDigest, suspectedMessage } from "./duplicates/pair.ts";
import { evaluatedRow } from "./duplicates/store.ts";
import { findableOf, isFoundOtherwise, type Known, keepFindable } from "./findable.ts";
import { leafMaker } from "./leaves.ts";
import { insertApart, insertLink, keptApart, type Link } from "./links/store.ts";
import { personLinked } from "./links/told.ts";
import { fieldsWhere, type KnownFields, mapped, valuesOf, withoutWhereabouts } from "./person.ts";
import { keepProposal, moveProposal } from "./proposals/store.ts";
import { takenOver } from "./proposals/take-over.ts";
import { hasValues, type Ruling } from "./ruling.ts";
import { isLinkedByMatching, keepDeclined, keepSpoken } from "./spoken/speak.ts";
import { withhold } from "./spoken/store.ts";
import { judgeStatement, type Subject } from "./statement.ts";
import { holderBeside, type Keeping, keepPerson, readPerson } from "./store.ts";
import type { Compared, Decided, DemographicsOptions, ErpNow, Identified, Traced, UpdateContext } from "./types.ts";

/** What a decision looks back on. */
export type DecideResults = {
  readonly identify: Identified;
  readonly match?: Asked | undefined;
  readonly trace: Traced;
  readonly compare: Compared;
  /** Of the round before. */
  readonly decide?: Decided | undefined;
  readonly written?: WriteSettled | undefined;
  readonly approval?: Asked | undefined;
};
type Context = UpdateContext<DecideResults>;

/** What there is to keep of a decision. */
export type Keepable = {
  readonly subject: Subject;
  readonly known: KnownFields;
  readonly applied: KnownFields;
  /** Of those applied, the fields that the ERP holds already, if perhaps in another spelling. */
  readonly same: readonly PersonField[];
  readonly ruling: Ruling;
  /** Something waits for a person. */
  readonly isAsked: boolean;
  /** What was found of the statement beside itself. */
  readonly findings: readonly Finding[];
};

/** What is known of the person from now on. */
export function keptOf({ input, results }: Context, { subject, known, applied, ruling }: Keepable): KnownFields {
  const { restated } = judgeStatement({ ...subject, fields: known }, input);
  const at = Date.parse(input.eventAt);
  const all: KnownFields = {
    ...restated,
    ...applied,
    nhsNumberStatus: { value: statusOf(ruling, applied), at, source: "verification" },
  };
  const marked = withMarks(withMoves(all, known), ruling);
  return results.compare.restricted ? withoutWhereabouts(marked) : marked;
}

/** How often the person moved goes with the postcode, whoever says it. */
function withMoves(fields: KnownFields, { postcode: before }: KnownFields): KnownFields {
  const { postcode } = fields;
  if (!postcode || !before) return fields;
  const hasMoved = before.value !== null && postcode.value !== null && before.value !== postcode.value;
  const moves = (before.moves ?? 0) + Number(hasMoved);
  return moves === 0 ? fields : { ...fields, postcode: { ...postcode, moves } };
}

/** A number that is written now waits for nobody any more. */
export const statusOf = ({ decision, statusThen }: Ruling, applied: KnownFields): NhsNumberStatus =>
  applied.nhsNumber ? statusThen : decision.nhsNumberStatus;

/** A field is verified while the national service tells the same of it; silence leaves the mark as it is. */
const withMarks = (fields: KnownFields, { agrees }: Ruling): KnownFields =>
  mapped(fields, (said, field) => {
    const isVerified = agrees(field, said.value) ?? said.verified === true;
    if (isVerified === (said.verified === true)) return said;
    const { verified: _, ...unmarked } = said;
    return isVerified ? { ...unmarked, verified: true } : unmarked;
  });

/** What the ERP has to be given. Nothing is written for the sake of the number's status alone, but that it is verified. */
export function valuesToWrite({ input, results }: Context, keeping: Keepable, kept: KnownFields): PatientValues {
  const { subject, applied, ruling, isAsked } = keeping;
  const { erp } = results.compare;
  const isWhole = Object.keys(applied).length > 0 || (subject.version === undefined && !isAsked);
  // Whichever of several requests comes first makes the record: each that knows of none names all that is known.
  if (!erp) return isWhole ? patientRecordFromPerson(valuesOf(kept), input.identifiers) : {};
  const values = patientValuesFromPerson(valuesOf(fieldsWhere(applied, (field) => isNeeded(field, erp, keeping))));
  const status = statusOf(ruling, applied);
  const differs = status !== (erp.values.nhsNumberStatus ?? null);
  return differs && (Object.keys(values).length > 0 || status === "01")
    ? { ...values, nhsNumberStatus: status }
    : values;
}

/**
 * What the ERP holds otherwise is written. So is what was known otherwise before, even if the ERP seems to hold it: a write
 * may be on its way there.
 */
function isNeeded(field: PersonField, { values }: ErpNow, { applied, known, same }: Keepable): boolean {
  const value = applied[field]?.value ?? null;
  const before = known[field];
  return (
    (before !== undefined && before.value !== value) || (!same.includes(field) && (values[field] ?? null) !== value)
  );
}

/** Effects of a decision. */
export async function keepDecided(
  options: DemographicsOptions,
  context: Context,
  keeping: Keepable,
  kept: KnownFields,
  decided: Decided,
): Promise<Effects> {
  const { subject } = keeping;
  const { instance, results } = context;
  const { compare, identify } = results;
  const { takesOver } = compare;
  const rekeyed = numberOf(context, subject, kept, decided);
  const taking = takesOver && (await takenOver(options.work, instance.saga, takesOver));
  const known: Known = {
    id: subject.id,
    version: subject.version,
    fields: kept,
    refused: refusedNow(subject, compare.proposed, decided),
    restricted: compare.restricted,
    newKeys: subject.version === undefined || results.decide === undefined ? identify.newKeys : [],
    numbers: subject.numbers,
    ...(rekeyed ? { number: rekeyed } : {}),
  };
  const link = rekeyed?.replaces ? supersededLink(context, subject, decided) : undefined;
  const isFindable = subject.version !== undefined && !isFoundOtherwise(subject.fields, known);
  const findable = findableOf(known);
  const digest = lookedAtAs(context, subject);
  return {
    gather: [
      keepPerson(known),
      ...(isFindable ? [] : [keepFindable(options.matching, findable)]),
      ...(digest !== undefined && digest === digestOfFindable(findable)
        ? [evaluatedRow({ personId: known.id, digest })]
        : []),
    ],
    leaves: milestones(options, context, keeping, decided),
    publish: [
      ...(taking?.publish ?? []),
      ...(link ? [personLinked(instance, link, options.clock.now())] : []),
      ...(await sharedNumber(options, context, known)),
    ],
    apply: async (tx) => {
      if (subject.version === undefined && compare.erp)
        await options.writeback.adopt(tx, subject.id, heldOf(compare.erp));
      if (compare.restricted) await options.writeback.forget(tx, subject.id, [...whereabouts]);
      if (link) await insertLink(tx, link);
      if (subject.version === undefined) await keepApartFrom(tx, context, subject.id);
      await taking?.apply?.(tx);
      const isLinked = isLinkedByMatching(identify);
      await keepSpoken(tx, context, { subject, isLinked, kept });
      const declined = fieldsWhere(compare.proposed, (field) => decided.declined?.includes(field) ?? false);
      await keepDeclined(tx, context, { subject, isLinked, declined });
      if (compare.restricted && subject.joined) await withhold(tx, subject.id);
      const fields = fieldsWhere(
        compare.proposed,
        (field) => decided.ask?.rows.some((row) => row.field === field) ?? false,
      );
      const { id: instanceId, key: sagaKey, journeyId } = instance;
      if (decided.ask)
        await keepProposal(tx, { instanceId, sagaKey, personId: subject.id, journeyId, fields }, compare.own);
      else if (compare.own) await moveProposal(tx, instanceId, compare.own, "settled");
    },
  };
}

/**
 * Of somebody new who is like nobody, as what matching has looked at: this commit fails if somebody alike was kept since. Where
 * no more is known than was said, nothing is left to look at again.
 */
function lookedAtAs({ input, results: { identify } }: Context, { version }: Subject): string | undefined {
  const isNobody = identify.found === "new" && identify.verdict?.decision === "none" && !identify.answered;
  return isNobody && version === undefined ? digestOfFindable({ fields: input.fields }) : undefined;
}

/** Another goes by the number that is the person's nationally, perhaps since one number replaced another: they may be one. */
async function sharedNumber(
  { db }: DemographicsOptions,
  { instance, results }: Context,
  { id, version, fields, restricted }: Known,
): Promise<NewMessage[]> {
  const number = results.trace.record?.nhsNumber;
  if (!results.compare.duplicate || number === undefined || version === undefined) return [];
  const otherId = await holderBeside(db, number, id);
  const [person, other] = await Promise.all([
    readPerson(db, id),
    otherId === undefined ? undefined : readPerson(db, otherId),
  ]);
  if (!person || !other || (await keptApart(db, person.id, other.id))) return [];
  const code = results.trace.supersedes ? "MT-102" : "MT-100";
  const digest = pairDigest({ ...person, fields, restricted }, other);
  return [suspectedMessage(instance, { personId: id, otherId: other.id, code, digest })];
}

/** Whom a steward said the person is not, as remembered with the links of persons. Matching was told when it was said. */
async function keepApartFrom(tx: Tx, { instance, results }: Context, oneId: string): Promise<void> {
  const { apart = [] } = results.identify;
  const by = results.match?.by.map(({ name }) => name) ?? [];
  for (const otherId of apart)
    await insertApart(tx, { id: newId(), oneId, otherId, by, journeyId: instance.journeyId, code: "MT-212" });
}

/** A record as write-back takes it over. */
const heldOf = ({ externalId, version, modifiedAt, values }: NonNullable<DecideResults["compare"]["erp"]>) => ({
  externalId,
  version,
  modifiedAt,
  values,
});

/** The number the person goes by now, where it or its status is another than before. */
function numberOf(
  { results }: Context,
  { numbers }: Subject,
  kept: KnownFields,
  { applied, status }: Decided,
): Keeping["number"] {
  const value = kept.nhsNumber?.value;
  if (typeof value !== "string") return undefined;
  const { supersedes } = results.trace;
  if (numbers.some((held) => held.current && held.number === value && held.status === status)) return undefined;
  return applied.nhsNumber && supersedes !== value ? { value, status, replaces: supersedes } : { value, status };
}

/** Refused values are remembered: a later statement that repeats them asks nobody again. */
function refusedNow({ refused }: Subject, proposed: KnownFields, decided: Decided): PersonChanges {
  const left = fieldsWhere(refused, (field) => !(field in decided.applied));
  return { ...left, ...fieldsWhere(valuesOf(proposed), (field) => decided.refused.includes(field)) };
}

/** The person's number is another from now on; the old one stays in the history and can be put back. */
const supersededLink = ({ results, instance }: Context, subject: Subject, { applied }: Decided): Link => ({
  id: newId(),
  kind: "superseded",
  personId: subject.id,
  otherId: null,
  by: results.approval?.by.map(({ name }) => name) ?? [],
  journeyId: instance.journeyId,
  code: "MT-102",
  version: subject.version ?? 0,
  before: {
    fields: fieldsWhere(subject.fields, (field) => field === "nhsNumber"),
    applied: fieldsWhere(applied, (field) => field === "nhsNumber"),
    keys: [],
    numbers: subject.numbers.filter(({ current }) => current),
    own: [],
    ownKeys: [],
  },
  undoes: null,
});

function milestones(
  { clock }: DemographicsOptions,
  { instance, results }: Context,
  { known, findings }: Keepable,
  decided: Decided,
): Leaf[] {
  const leaf = leafMaker(clock, instance);
  const { ask, values, refused, decision } = decided;
  const { pack, person } = decision;
  const writes = Object.keys(values).length > 0;
  const outcome = ask ? "ask" : writes ? "apply" : refused.length > 0 ? "refuse" : "nothing";
  const told = leaf("decided", outcome, {
    ...(ask || person.code ? { code: ask?.reason ?? person.code ?? "" } : {}),
    detail: { pack: pack.name, version: pack.version, digest: pack.digest },
  });
  // Told once: a later round of the same statement finds the same.
  const checked = results.decide
    ? []
    : findings.map(({ code, field, severity }) => leaf("checked", severity, { code, detail: { field } }));
  const all = [...checked, told];
  return writes ? [...all, leaf("proposed", !results.compare.erp && !hasValues(known) ? "create" : "update")] : all;
}
