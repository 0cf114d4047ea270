// Custom table 50100 "HC Patient" of the hospital, with its triggers.

import { refuse } from "../errors.ts";
import { code, option, plain, textField, type Values } from "./fields.ts";
import { recordKey } from "./integration-key.ts";
import type { Table, TriggerContext } from "./table.ts";

const readOnly = { readOnly: true } as const;

/** Patients; number series PAT, unique MRN, unique idempotency key of the last write, no deletes. */
export const patientTable: Table = {
  number: 50_100,
  caption: "HC Patient",
  entityName: "patient",
  entitySet: "patients",
  service: "Patients",
  route: "custom",
  key: "number",
  unique: ["mrn", "externalReference"],
  indexed: ["nationalId"],
  series: { code: "PAT", manual: false },
  allows: { insert: true, modify: true, delete: false },
  idempotencyField: "externalReference",
  fields: [
    code("number", "No.", 20),
    code("mrn", "MRN", 30),
    code("mrnAssigningAuthority", "MRN Assigning Authority", 50),
    code("nationalId", "National ID", 20),
    code("nhsNumberStatus", "NHS Number Status", 2),
    textField("title", "Title", 10),
    textField("firstName", "First Name", 30),
    textField("middleName", "Middle Name", 30),
    textField("lastName", "Last Name", 50),
    plain("birthDate", "Birth Date", "date"),
    option("gender", "Gender", [" ", "Female", "Male", "Other", "Unknown"]),
    textField("addressLine1", "Address", 100),
    textField("addressLine2", "Address 2", 50),
    textField("city", "City", 30),
    textField("state", "County", 30),
    code("postalCode", "Post Code", 20),
    code("country", "Country/Region Code", 10),
    textField("phoneNumber", "Phone No.", 30),
    textField("email", "E-Mail", 80),
    code("gpPracticeCode", "GP Practice Code", 10),
    code("customerNumber", "Customer No.", 20, { relation: { entitySet: "customers", field: "number" } }),
    plain("deceased", "Deceased", "boolean"),
    plain("deceasedDate", "Deceased Date", "date"),
    plain("blocked", "Blocked", "boolean"),
    code("mergedIntoNumber", "Merged Into No.", 20, { relation: { entitySet: "patients", field: "number" } }),
    textField("externalReference", "External Reference", 100),
    plain("lastModifiedDateTime", "Last Modified Date Time", "dateTime", readOnly),
  ],
  onInsert: (values, context) => {
    checkMandatory(values, context);
    checkMerge(values);
    recordKey(patientTable.number, String(values.number), values, undefined, context);
  },
  onModify: (values, before, context) => {
    checkMandatory(values, context);
    checkMerge(values);
    recordKey(patientTable.number, String(values.number), values, before, context);
  },
};

function checkMerge(values: Values): void {
  const target = String(values.mergedIntoNumber);
  if (target !== "" && target === values.number) {
    refuse("Internal_InvalidTableRelation", "relation", "Merged Into No.", "HC Patient", target, "HC Patient");
  }
}

function checkMandatory(values: Values, context: TriggerContext): void {
  for (const field of patientTable.fields) {
    if (!context.mandatoryFields.includes(field.name)) continue;
    const value = values[field.name];
    if (value === "" || value === "0001-01-01" || value === " ") {
      refuse(
        "Application_FieldValidationException",
        "mustHaveValue",
        field.caption,
        "HC Patient",
        `No.=${values.number}`,
      );
    }
  }
}
