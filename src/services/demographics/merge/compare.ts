// Second step of a merge: both persons as they are now, and whether a person has approved exactly this.

import type { CallContext } from "#canonical/contracts";
import { type PersonChanges, personFields } from "#canonical/model";
import type { Asked, StepEnd } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { spanOf } from "#kernel/trace";
import { readErp } from "../compare.ts";
import { personOf } from "../identify.ts";
import { keptApart } from "../links/store.ts";
import { fieldsWhere, type KnownFields, saidIn, valuesOf, withoutWhereabouts } from "../person.ts";
import { mergeAsking, precedenceOf } from "../ruling.ts";
import { newSubject, type Subject } from "../statement.ts";
import { readPerson } from "../store.ts";
import { lifelong, type Precedence, survivingFields } from "../survivorship.ts";
import type { DemographicsOptions, ErpNow, Row } from "../types.ts";
import type { MergeCompared, MergeContext, MergeIdentified, Named, Side } from "./types.ts";

type Results = {
  readonly identify: MergeIdentified;
  /** Of the round before. */
  readonly compare?: MergeCompared | undefined;
  readonly approval?: Asked | undefined;
};
type Context = MergeContext<Results>;
type Sides = { readonly subject: Subject; readonly erp: ErpNow | undefined };

/** Outcome `unchanged`: the merge was made before, and nothing is new. */
export const compareBoth =
  (options: DemographicsOptions) =>
  async (context: Context): Promise<StepEnd<MergeCompared>> => {
    const { results, instance, signal } = context;
    const { kind, survivor, retired } = results.identify;
    const call = { traceparent: spanOf(instance), signal };
    const [kept, gone] = await Promise.all([
      sideOf(options, survivor, call),
      retired && sideOf(options, retired, call),
    ]);
    // Without its number in the ERP nobody can be pointed to it.
    if (kind === "merge" && !kept.erp) throw new LockgateError("PERSON_PENDING");
    const pack = await options.rules.current("demographics");
    const after = afterMerge(context, kept.subject, gone?.subject, precedenceOf(pack));
    const changed = fieldsWhere(
      after,
      (field) => (kept.subject.fields[field]?.value ?? null) !== (after[field]?.value ?? null),
    );
    const { approval, compare: prior } = results;
    const seen: MergeCompared = {
      survivor: seenOf(kept),
      ...(gone ? { retired: seenOf(gone) } : {}),
      changed,
      before: fieldsWhere(kept.subject.fields, (field) => field in changed),
      ...(approval ? { answered: approval.itemId } : {}),
    };
    const isKnown = survivor.found !== "new";
    const isNothing = kind === "record" && survivor.newKeys.length === 0 && Object.keys(changed).length === 0;
    if (isKnown && isNothing) return { result: seen, outcome: "unchanged" };
    const isApproved = approval?.action === "approve" && approval.itemId !== prior?.answered;
    if (!isKnown || (isApproved && prior && isUnmoved(prior, seen))) return { result: seen };
    const apart = retired && (await keptApart(options.db, survivor.personId, retired.personId));
    const asking = mergeAsking(pack, apart !== undefined);
    const rows = rowsOf(seen, gone?.subject);
    const about = {
      rows,
      reasons: [kind, ...asking.reasons],
      wentStale: isApproved,
      restricted: kept.subject.restricted || gone?.subject.restricted === true,
      ...(apart ? { apart } : {}),
    };
    return { result: { ...seen, ask: { ...asking, ...about } } };
  };

async function sideOf({ db, erp, writeback }: DemographicsOptions, named: Named, call: CallContext): Promise<Sides> {
  const { personId } = named;
  const externalId = named.externalId ?? (named.found === "new" ? undefined : await writeback.externalIdOf(personId));
  const [person, held] = await Promise.all([
    named.found === "new" ? undefined : readPerson(db, personId),
    externalId === undefined ? undefined : readErp(writeback, externalId, call),
  ]);
  if (person?.mergedInto) throw new LockgateError("PERSON_CHANGED");
  return { subject: person ?? newSubject(personId, held ? personOf(held.values) : {}, erp.name), erp: held };
}

/**
 * What the survivor is known as afterwards: of each field what survives of what the message says, and of what was said of
 * either. That the retired one had no value is no reason to take one from the survivor.
 */
function afterMerge(
  { input }: Context,
  survivor: Subject,
  retired: Subject | undefined,
  precedence: Precedence,
): KnownFields {
  const { nhsNumberStatus: _, ...message } = saidIn(input);
  const { nhsNumberStatus: itsStatus, ...its } = retired?.fields ?? {};
  const { nhsNumberStatus: status, ...own } = survivor.fields;
  const told = fieldsWhere(its, (field) => its[field as keyof typeof its]?.value !== null);
  // The survivor speaks after the retired one: of two values of one source and one time it keeps its own.
  const survived = survivingFields([told, own, message], {
    precedence,
    verifiedFirst: lifelong,
    refused: survivor.refused,
  });
  const isIts = survived.nhsNumber !== undefined && survived.nhsNumber === its.nhsNumber;
  const numberStatus = isIts ? itsStatus : status;
  const fields = { ...survived, ...(numberStatus ? { nhsNumberStatus: numberStatus } : {}) };
  return survivor.restricted || retired?.restricted ? withoutWhereabouts(fields) : fields;
}

const seenOf = ({ subject, erp }: Sides): Side => ({
  ...(subject.version === undefined ? {} : { personVersion: subject.version }),
  ...(erp ? { erp } : {}),
});

/** Both records, and what is to become of them, are as they were shown. */
const isUnmoved = (shown: MergeCompared, now: MergeCompared): boolean =>
  isSameSide(shown.survivor, now.survivor) &&
  isSameSide(shown.retired, now.retired) &&
  JSON.stringify(valuesOf(shown.changed)) === JSON.stringify(valuesOf(now.changed));

const isSameSide = (a: Side | undefined, b: Side | undefined): boolean =>
  a?.personVersion === b?.personVersion && a?.erp?.version === b?.erp?.version;

/** What differs between the two, and what the survivor is to hold. */
function rowsOf({ changed, survivor, retired }: MergeCompared, gone: Subject | undefined): Row[] {
  const kept = survivor.erp?.values ?? {};
  const lost: PersonChanges = retired?.erp ? personOf(retired.erp.values) : valuesOf(gone?.fields ?? {});
  return personFields.flatMap((field) => {
    const current = kept[field] ?? null;
    const proposed = changed[field] ? changed[field].value : current;
    const isSame = proposed === current && (lost[field] ?? null) === current;
    return isSame ? [] : [{ field, current, proposed, retired: lost[field] ?? null, code: "MG-500", risk: "high" }];
  });
}
