// Which canonical field is which NAV field, and what that field can hold: the mapping as data.

import type { PatientRecord } from "#canonical/contracts";
import { code, type FieldForm, recordNames, text } from "./fields.ts";

/** A canonical field that one NAV field of its own holds. `mergedIntoId` is not among them: it names another record. */
type MappedField = Exclude<keyof PatientRecord, "mergedIntoId">;

/** One row of the mapping. */
type FieldRow = {
  readonly canonical: MappedField;
  /** Property of the API page `patients`. */
  readonly odata: string;
  /** Element of the SOAP page `Patients`, made by NAV from the field's caption. */
  readonly soap: string;
  readonly form: FieldForm;
};

const row = (canonical: MappedField, odata: string, soap: string, form: FieldForm): FieldRow => ({
  canonical,
  odata,
  soap,
  form,
});

const gender: FieldForm = {
  kind: "option",
  members: { female: "Female", male: "Male", other: "Other", unknown: "Unknown" },
};
const status: FieldForm = {
  kind: "code",
  maxLength: 2,
  members: ["01", "02", "03", "04", "05", "06", "07", "08"],
};

/** The order is the order of writing: NAV validates field by field as they come. */
export const patientFields: readonly FieldRow[] = [
  row("mrn", "mrn", "MRN", code(30)),
  row("mrnAuthority", "mrnAssigningAuthority", "MRN_Assigning_Authority", code(50)),
  row("nhsNumber", "nationalId", "National_ID", code(20)),
  row("nhsNumberStatus", "nhsNumberStatus", "NHS_Number_Status", status),
  row("title", "title", "Title", text(10)),
  row("givenName", "firstName", "First_Name", text(30)),
  row("middleNames", "middleName", "Middle_Name", text(30)),
  row("familyName", "lastName", "Last_Name", text(50)),
  row("birthDate", "birthDate", "Birth_Date", { kind: "date" }),
  row("gender", "gender", "Gender", gender),
  row("addressLine1", "addressLine1", "Address", text(100)),
  row("addressLine2", "addressLine2", "Address_2", text(50)),
  row("town", "city", "City", text(30)),
  row("county", "state", "County", text(30)),
  row("postcode", "postalCode", "Post_Code", code(20)),
  row("country", "country", "Country_Region_Code", code(10)),
  row("phone", "phoneNumber", "Phone_No", text(30)),
  row("email", "email", "E_Mail", text(80)),
  row("gpPracticeCode", "gpPracticeCode", "GP_Practice_Code", code(10)),
  row("deceased", "deceased", "Deceased", { kind: "boolean" }),
  row("deathDate", "deceasedDate", "Deceased_Date", { kind: "date" }),
];

/** Names of the fields that are not a patient's values. */
export const recordFields = {
  odata: { ...recordNames, number: "number", mergedInto: "mergedIntoNumber" },
  soap: {
    number: "No",
    mergedInto: "Merged_Into_No",
    reference: "External_Reference",
    modified: "Last_Modified_Date_Time",
  },
} as const;
