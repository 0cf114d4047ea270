// Who is this? Certain answers only: by a known local identifier, or by NHS number with date of birth.

import type { CallContext, ErpPatient, ErpPatients } from "#canonical/contracts";
import { identifierKey, type LocalIdentifier, type PersonChanges } from "#canonical/model";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { type Person, valuesOf } from "./person.ts";
import { findByIdentifiers, findByNhsNumber } from "./store.ts";

/** What a message says about who it is for. */
export type Claim = { readonly identifiers: readonly LocalIdentifier[]; readonly fields: PersonChanges };

/** The answer. `by` is a reason code of matching or the word for a local identifier. */
export type Found =
  | { readonly person: Person; readonly by: "local-identifier" | "MT-100" }
  | { readonly inErp: ErpPatient; readonly by: "local-identifier" | "MT-100" }
  | { readonly by: "MT-300" };

/**
 * Looks among the persons we know, then in the ERP.
 * @throws PERSON_CONFLICT, PERSON_AMBIGUOUS: below certainty a person decides
 */
export async function findPerson(db: Db, erp: ErpPatients, claim: Claim, context: CallContext): Promise<Found> {
  const byIdentifier = await findByIdentifiers(db, claim.identifiers.map(identifierKey));
  if (byIdentifier.length > 1) throw new LockgateError("PERSON_CONFLICT", { at: "PID-3" });
  const [known] = byIdentifier;
  if (known) {
    refuseAnother(claim, valuesOf(known.fields));
    await refuseNumberOfAnother(db, claim, known);
    return { person: known, by: "local-identifier" };
  }
  const sameNumber = await knownByNhsNumber(db, claim);
  if (sameNumber) return { person: sameNumber, by: "MT-100" };
  const held = await heldByErp(erp, claim, context);
  return held ?? { by: "MT-300" };
}

/** A known person may not be given the NHS number that somebody else has. */
async function refuseNumberOfAnother(db: Db, { fields }: Claim, known: Person): Promise<void> {
  if (!fields.nhsNumber || valuesOf(known.fields).nhsNumber === fields.nhsNumber) return;
  const holders = await findByNhsNumber(db, fields.nhsNumber);
  if (holders.some(({ id }) => id !== known.id))
    throw new LockgateError("PERSON_CONFLICT", { at: "PID-3", reason: "DQ-NHS-011" });
}

async function knownByNhsNumber(db: Db, { fields }: Claim): Promise<Person | undefined> {
  if (!fields.nhsNumber) return undefined;
  const persons = await findByNhsNumber(db, fields.nhsNumber);
  if (persons.length > 1) throw new LockgateError("PERSON_AMBIGUOUS", { at: "PID-3", reason: "DQ-NHS-011" });
  const [person] = persons;
  if (person && valuesOf(person.fields).birthDate !== fields.birthDate) {
    throw new LockgateError("PERSON_AMBIGUOUS", { at: "PID-7", reason: "DQ-NHS-012" });
  }
  return person;
}

async function heldByErp(
  erp: ErpPatients,
  { identifiers, fields }: Claim,
  context: CallContext,
): Promise<Found | undefined> {
  const [first] = identifiers;
  const byIdentifier = first ? await erp.findByIdentifier({ mrn: first.value, authority: first.system }, context) : [];
  if (byIdentifier.length > 1) throw new LockgateError("PERSON_AMBIGUOUS", { at: "PID-3" });
  if (byIdentifier[0]) {
    refuseAnother({ identifiers, fields }, byIdentifier[0].values);
    return { inErp: byIdentifier[0], by: "local-identifier" };
  }
  if (!fields.nhsNumber) return undefined;
  const sameNumber = await erp.findByNhsNumber({ nhsNumber: fields.nhsNumber }, context);
  if (sameNumber.length > 1) throw new LockgateError("PERSON_AMBIGUOUS", { at: "PID-3", reason: "DQ-NHS-011" });
  const [patient] = sameNumber;
  if (patient && patient.values.birthDate !== fields.birthDate) {
    throw new LockgateError("PERSON_AMBIGUOUS", { at: "PID-7", reason: "DQ-NHS-012" });
  }
  return patient && { inErp: patient, by: "MT-100" };
}

/**
 * A local identifier that names somebody who is plainly another person: two valid NHS numbers that differ (MT-210), or a
 * given name and a date of birth that both disagree (MT-211).
 */
function refuseAnother({ fields }: Claim, known: { readonly [field: string]: unknown }): void {
  const differs = (field: "nhsNumber" | "givenName" | "birthDate") =>
    Boolean(fields[field] && known[field] && !sameText(fields[field], known[field]));
  if (differs("nhsNumber")) throw new LockgateError("PERSON_CONFLICT", { at: "PID-3", reason: "MT-210" });
  if (differs("givenName") && differs("birthDate"))
    throw new LockgateError("PERSON_CONFLICT", { at: "PID-5", reason: "MT-211" });
}

const sameText = (a: unknown, b: unknown): boolean => String(a).toUpperCase() === String(b).toUpperCase();
