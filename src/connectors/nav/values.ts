// Canonical patient values to NAV's and back.

import type { PatientRecord, PatientValues } from "#canonical/contracts";
import { type Dialect, fitsCode, fromFields, toFields } from "./fields.ts";
import { patientFields } from "./patient-fields.ts";

/** The fields of the API page `patients`. */
export const odataPatientFields = patientFields.map(({ canonical, odata: name, form }) => ({ canonical, name, form }));
const rows = {
  odata: odataPatientFields,
  soap: patientFields.map(({ canonical, soap: name, form }) => ({ canonical, name, form })),
} as const;

/** The NAV fields of the values that are present; refused as `toFields` refuses. */
export const toNav = (values: PatientValues, dialect: Dialect): Record<string, string | number | boolean> =>
  toFields(rows[dialect], values, dialect);

/** The canonical values of a record, absent as `fromFields` leaves them out. */
export function fromNav(fields: Readonly<Record<string, unknown>>, dialect: Dialect): PatientValues {
  const values = fromFields(rows[dialect], fields, dialect);
  if (typeof values.nhsNumber === "string") values.nhsNumber = withoutSpaces(values.nhsNumber);
  return values as PatientValues;
}

/** Whether the field that holds a canonical value can have that text in any record. */
export function fitsField(canonical: keyof PatientRecord, text: string): boolean {
  const form = patientFields.find((row) => row.canonical === canonical)?.form;
  return form !== undefined && "maxLength" in form && fitsCode(text, form.maxLength);
}

/** People enter NHS numbers as they are printed, 3-3-4. */
const withoutSpaces = (nhsNumber: string): string => {
  const digits = nhsNumber.replaceAll(/[ -]/g, "");
  return /^\d{10}$/.test(digits) ? digits : nhsNumber;
};

/** The ways in which an NHS number may stand in the ERP. */
export const nhsNumberForms = (nhsNumber: string): readonly string[] =>
  /^\d{10}$/.test(nhsNumber)
    ? [nhsNumber, `${nhsNumber.slice(0, 3)} ${nhsNumber.slice(3, 6)} ${nhsNumber.slice(6)}`]
    : [nhsNumber];
