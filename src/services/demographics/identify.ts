// First step: whom a statement is about, and whether it says anything new of them.

import { patientNumber } from "#canonical/maps";
import { type PersonChanges, type PersonUpdate, personFields } from "#canonical/model";
import { judgeNhsNumber } from "#canonical/rules";
import type { Effects } from "#engine/backbone";
import type { StepEnd } from "#engine/sagas";
import { newId } from "#kernel/ids";
import { spanOf } from "#kernel/trace";
import { type ErpSearch, type Found, findPerson } from "./find.ts";
import { leafMaker } from "./leaves.ts";
import { type KnownFields, newest, valuesOf } from "./person.ts";
import { renewProposal } from "./proposals/store.ts";
import { type Judged, judgeStatement, newSubject, type Subject } from "./statement.ts";
import { keepPerson } from "./store.ts";
import type { DemographicsOptions, Identified, Question, UpdateContext } from "./types.ts";

/** Statuses of a number that somebody has been asked about already. */
const TRACED = new Set<unknown>(["01", "04", "05", "06"]);

/** The ERP's searches behind its guard. */
export const searchOf = ({ erp, writeback }: Pick<DemographicsOptions, "erp" | "writeback">): ErpSearch => ({
  findByIdentifier: (...call) => writeback.ask(() => erp.findByIdentifier(...call)),
  findByNhsNumber: (...call) => writeback.ask(() => erp.findByNhsNumber(...call)),
});

/** Those of an ERP's values that are a person's. */
export const personOf = (values: Readonly<Record<string, unknown>>): PersonChanges =>
  Object.fromEntries(
    personFields.flatMap((field) => (field in values ? [[field, values[field]]] : [])),
  ) as PersonChanges;

/** Finds the person. Ends the saga where nothing is new and nothing is left to verify. */
export function identify(options: DemographicsOptions) {
  const { db, clock } = options;
  const search = searchOf(options);
  return async (context: UpdateContext<unknown>): Promise<StepEnd<Identified>> => {
    const { input, instance, signal } = context;
    const found = await findPerson(db, search, input, { traceparent: spanOf(instance), signal });
    const subject = subjectOf(options, found);
    const judged = judgeStatement(subject, input);
    const question = questionOf(newest(subject.fields, judged.changed));
    const isNew = found.by === "MT-300";
    // Refused here rather than after the national service was asked: nobody can be written without a local number.
    if (isNew) for (const identifier of input.identifiers.slice(0, 1)) patientNumber(identifier);
    const goesOn =
      isNew || judged.news === "changed" || (question && !TRACED.has(subject.fields.nhsNumberStatus?.value));
    const matched = leafMaker(clock, instance)("matched", isNew ? "new" : "ok", {
      ...(found.by.startsWith("MT-") ? { code: found.by } : {}),
    });
    return {
      result: {
        personId: subject.id,
        found: isNew ? "new" : "person" in found ? "known" : "adopted",
        by: found.by,
        ...("inErp" in found ? { externalId: found.inErp.externalId } : {}),
        newKeys: found.newKeys,
        news: isNew ? "changed" : judged.news,
        ...(question ? { question } : {}),
      },
      leaves: [matched],
      ...(goesOn ? {} : { outcome: judged.news, ...keptAsSaidAgain(options, subject, found, judged) }),
    };
  };
}

function subjectOf({ erp }: DemographicsOptions, found: Found): Subject {
  if ("person" in found) return found.person;
  return newSubject(newId(), "inErp" in found ? personOf(found.inErp.values) : {}, erp.name);
}

/** Nothing is new: the times of what was said again are kept, and a record that is taken over. */
function keptAsSaidAgain({ writeback }: DemographicsOptions, subject: Subject, found: Found, judged: Judged): Effects {
  const { id, version, refused, restricted, proposal } = subject;
  const { restated, renewed } = judged;
  return {
    gather: [
      keepPerson({ id, version, fields: restated, refused, restricted, newKeys: found.newKeys, ...numberOf(subject) }),
    ],
    apply: async (tx) => {
      if ("inErp" in found) await writeback.adopt(tx, id, found.inErp);
      if (proposal && renewed) await renewProposal(tx, proposal.instanceId, renewed);
    },
  };
}

/** The number of a record that is taken over as it is. */
function numberOf({ version, fields }: Subject) {
  const value = fields.nhsNumber?.value;
  return version === undefined && typeof value === "string" ? { number: { value, status: "02" as const } } : {};
}

/** By what the national service can be asked: the number, else name, birth date and postcode. */
function questionOf(fields: KnownFields): Question | undefined {
  const { nhsNumber, familyName, givenName, birthDate, postcode, gender } = valuesOf(fields);
  if (nhsNumber) return isTraceable(nhsNumber) ? { nhsNumber } : undefined;
  if (!familyName || !postcode || birthDate?.length !== 10) return undefined;
  return { familyName, birthDate, postcode, ...(givenName ? { givenName } : {}), ...(gender ? { gender } : {}) };
}

/** Scotland and Northern Ireland number their patients elsewhere. */
function isTraceable(nhsNumber: string): boolean {
  const { codes } = judgeNhsNumber(nhsNumber, "test");
  return !codes.includes("DQ-NHS-007") && !codes.includes("DQ-NHS-008");
}

/** What a statement is kept as once nobody needs its sent texts any more. */
export const keptInput = (input: PersonUpdate, fields: PersonChanges): PersonUpdate => ({
  ...input,
  fields,
  raw: {},
  findings: [],
});
