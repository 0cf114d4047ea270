// Maps between the canonical model and other languages: HL7 v2 ADT and OMS in, the ERP's patient out.

export { type BusinessKey, businessKeysOf, isNhsAuthority, sessionOf } from "./adt-identifiers.ts";
export { patientNumber, patientRecordFromPerson, patientValuesFromPerson } from "./patient-record.ts";
export { type AdtOptions, type AdtStatement, personFromAdt } from "./person-from-adt.ts";
export { type OmsOptions, orderKeysOf, orderSessionOf, requisitionFromOms } from "./requisition-from-oms.ts";
export { type StatedField, statedFieldsOf } from "./stated-fields.ts";
