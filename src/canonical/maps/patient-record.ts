// A canonical person in the words of the ERP contract.

import { type NewPatientValues, type PatientValues, patientTextLimits } from "#canonical/contracts";
import type { LocalIdentifier, PersonChanges } from "#canonical/model";
import { LockgateError } from "#kernel/errors";

/**
 * The values to write to an ERP: what is not said stays out, what was removed is `null`. A partial birth date stays out
 * too, as an ERP holds whole dates only (the rules flag it with `DQ-DOB-007`).
 *
 * Nothing is ever cut: a text longer than `patientTextLimits` throws `ERP_REFUSED` at the field with reason `DQ-LEN-001`.
 */
export function patientValuesFromPerson(fields: PersonChanges): PatientValues {
  const { birthDate, deceased, ...others } = fields;
  const isPartial = typeof birthDate === "string" && birthDate.length < 10;
  return withinLimits({
    ...others,
    ...(birthDate === undefined || isPartial ? {} : { birthDate }),
    // A death that is taken back leaves a living person: no ERP field of that kind has a blank.
    ...(deceased === undefined ? {} : { deceased: deceased ?? false }),
  });
}

/** The local number that an ERP knows a patient by, in the upper case that ERPs keep. Throws `ERP_REFUSED` where it is too long. */
export const patientNumber = (identifier: LocalIdentifier): Pick<NewPatientValues, "mrn" | "mrnAuthority"> =>
  withinLimits({ mrn: identifier.value.toUpperCase(), mrnAuthority: identifier.system.toUpperCase() });

/**
 * The values of a new patient; `mrn` is the first identifier.
 * Throws `PERSON_NO_IDENTIFIER` at `identifiers` when there is none, `ERP_REFUSED` as `patientValuesFromPerson` does.
 */
export function patientRecordFromPerson(
  fields: PersonChanges,
  identifiers: readonly LocalIdentifier[],
): NewPatientValues {
  const [identifier] = identifiers;
  if (identifier === undefined) throw new LockgateError("PERSON_NO_IDENTIFIER", { at: "identifiers" });
  return { ...patientNumber(identifier), ...patientValuesFromPerson(fields) };
}

function withinLimits<Values extends PatientValues>(values: Values): Values {
  for (const [field, limit] of Object.entries(patientTextLimits)) {
    const value = values[field as keyof typeof patientTextLimits];
    if (typeof value === "string" && value.length > limit) {
      throw new LockgateError("ERP_REFUSED", { at: field, reason: "DQ-LEN-001" });
    }
  }
  return values;
}
