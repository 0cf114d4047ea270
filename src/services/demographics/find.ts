// Who is this? Certain answers: by a known local identifier, or by an NHS number, new or old, with date of birth.

import type { CallContext, ErpPatient, ErpPatients } from "#canonical/contracts";
import { identifierKey, type LocalIdentifier, type PersonChanges } from "#canonical/model";
import { compareFamilyName, compareName } from "#canonical/rules";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { type Person, valuesOf } from "./person.ts";
import { findByIdentifiers, findByNhsNumber } from "./store.ts";

/** What a message says about who it is for. */
export type Claim = { readonly identifiers: readonly LocalIdentifier[]; readonly fields: PersonChanges };

/** How somebody was found: by a local identifier, by NHS number and birth date, by a number that replaced another; or not. */
export type FoundBy = "local-identifier" | "MT-100" | "MT-102" | "MT-300";

/** The answer. `newKeys` are the identifiers that are not known to be the person's yet. */
export type Found = { readonly newKeys: readonly string[] } & (
  | { readonly person: Person; readonly by: "local-identifier" | "MT-100" | "MT-102" }
  | { readonly inErp: ErpPatient; readonly by: "local-identifier" | "MT-100" }
  | { readonly by: "MT-300" }
);

/** Nobody for certain: the NHS number is somebody's of whom other things are known. */
export type Doubtful = { readonly newKeys: readonly string[]; readonly holder: Person; readonly doubt: LockgateError };

/** What the ERP is asked to find somebody. */
export type ErpSearch = Pick<ErpPatients, "findByIdentifier" | "findByNhsNumber">;

/**
 * Looks among the persons we know, then in the ERP.
 * @throws PERSON_CONFLICT, PERSON_AMBIGUOUS: below certainty a person decides
 */
export async function findPerson(db: Db, erp: ErpSearch, claim: Claim, context: CallContext): Promise<Found> {
  const found = await lookFor(db, erp, claim, context);
  if ("doubt" in found) throw found.doubt;
  return found;
}

/** As `findPerson`, but says whose number it is where that is not enough. @throws PERSON_CONFLICT, PERSON_AMBIGUOUS */
export async function lookFor(db: Db, erp: ErpSearch, claim: Claim, context: CallContext): Promise<Found | Doubtful> {
  const keys = claim.identifiers.map(identifierKey);
  const byIdentifier = await findByIdentifiers(db, keys);
  if (byIdentifier.length > 1) throw new LockgateError("PERSON_CONFLICT", { at: "PID-3" });
  const [known] = byIdentifier;
  if (known) {
    await refuseNumberOfAnother(db, claim, known);
    const { keys: held, ...person } = known;
    return { person, by: "local-identifier", newKeys: keys.filter((key) => !held.includes(key)) };
  }
  const found = (await knownByNhsNumber(db, claim)) ??
    (await heldByErp(erp, claim, context)) ?? { by: "MT-300" as const };
  return { ...found, newKeys: keys };
}

/**
 * A known person may not be given the NHS number that somebody else has, nor one that neither replaced the person's own
 * nor was replaced by it.
 */
async function refuseNumberOfAnother(db: Db, { fields }: Claim, known: Person): Promise<void> {
  const values = valuesOf(known.fields);
  const { nhsNumber } = fields;
  refuseAnother({ ...fields, nhsNumber: null }, values);
  if (!nhsNumber || values.nhsNumber === nhsNumber) return;
  const holders = await findByNhsNumber(db, nhsNumber);
  if (holders.some(({ id }) => id !== known.id))
    throw new LockgateError("PERSON_CONFLICT", { at: "PID-3", reason: "DQ-NHS-011" });
  if (holders.length === 0) refuseAnother({ nhsNumber }, values);
}

type ByNumber = { readonly person: Person; readonly by: "MT-100" | "MT-102" } | Omit<Doubtful, "newKeys">;

async function knownByNhsNumber(db: Db, { fields }: Claim): Promise<ByNumber | undefined> {
  const { nhsNumber } = fields;
  if (!nhsNumber) return undefined;
  const persons = await findByNhsNumber(db, nhsNumber);
  if (persons.length > 1) throw new LockgateError("PERSON_AMBIGUOUS", { at: "PID-3", reason: "DQ-NHS-011" });
  const [person] = persons;
  if (!person) return undefined;
  const doubt = doubtOf(fields, valuesOf(person.fields));
  if (doubt) return { holder: person, doubt };
  const isCurrent = person.numbers.some(({ number, current }) => current && number === nhsNumber);
  return { person, by: isCurrent ? "MT-100" : "MT-102" };
}

async function heldByErp(
  erp: ErpSearch,
  { identifiers, fields }: Claim,
  context: CallContext,
): Promise<{ readonly inErp: ErpPatient; readonly by: "local-identifier" | "MT-100" } | undefined> {
  const [first] = identifiers;
  const byIdentifier = first ? await erp.findByIdentifier({ mrn: first.value, authority: first.system }, context) : [];
  if (byIdentifier.length > 1) throw new LockgateError("PERSON_AMBIGUOUS", { at: "PID-3" });
  if (byIdentifier[0]) {
    refuseAnother(fields, byIdentifier[0].values);
    return { inErp: byIdentifier[0], by: "local-identifier" };
  }
  if (!fields.nhsNumber) return undefined;
  const sameNumber = await erp.findByNhsNumber({ nhsNumber: fields.nhsNumber }, context);
  if (sameNumber.length > 1) throw new LockgateError("PERSON_AMBIGUOUS", { at: "PID-3", reason: "DQ-NHS-011" });
  const [patient] = sameNumber;
  const doubt = patient && doubtOf(fields, patient.values);
  if (doubt) throw doubt;
  return patient && { inErp: patient, by: "MT-100" };
}

/**
 * A number is enough with the same whole date of birth, and no other given name: a twin's number may be on the wrong form.
 */
function doubtOf(fields: PersonChanges, known: PersonChanges): LockgateError | undefined {
  const isSameDay = fields.birthDate?.length === 10 && fields.birthDate === known.birthDate;
  if (!isSameDay) return new LockgateError("PERSON_AMBIGUOUS", { at: "PID-7", reason: "DQ-NHS-012" });
  const [said, held] = [namesOf(fields), namesOf(known)];
  const isSwapped = said.given === held.family && said.family === held.given;
  const isOther = said.given && held.given && said.given !== held.given && !isSwapped;
  return isOther ? new LockgateError("PERSON_AMBIGUOUS", { at: "PID-5", reason: "MT-203" }) : undefined;
}

const namesOf = ({ familyName, givenName }: PersonChanges) => ({
  family: compareFamilyName(familyName ?? ""),
  given: compareName(givenName ?? ""),
});

/**
 * A local identifier that names somebody who is plainly another person: two valid NHS numbers that differ (MT-210), or a
 * given name and a date of birth that both disagree (MT-211).
 */
function refuseAnother(fields: PersonChanges, known: { readonly [field: string]: unknown }): void {
  const differs = (field: "nhsNumber" | "givenName" | "birthDate") =>
    Boolean(fields[field] && known[field] && !sameText(fields[field], known[field]));
  if (differs("nhsNumber")) throw new LockgateError("PERSON_CONFLICT", { at: "PID-3", reason: "MT-210" });
  if (differs("givenName") && differs("birthDate"))
    throw new LockgateError("PERSON_CONFLICT", { at: "PID-5", reason: "MT-211" });
}

const sameText = (a: unknown, b: unknown): boolean => String(a).toUpperCase() === String(b).toUpperCase();
