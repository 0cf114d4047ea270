// The canonical model: persons as all sides agree on them, and the reason codes of the rules.

export {
  addressFields,
  type Gender,
  identifierKey,
  type LocalIdentifier,
  type NhsNumberStatus,
  nhsNumberStatuses,
  type PersonChanges,
  type PersonField,
  type PersonFields,
  type PersonKey,
  type PersonMerge,
  type PersonTexts,
  type PersonUpdate,
  personFields,
  personMergeEvents,
  personUpdateEvents,
  type RawTexts,
  type Statement,
  whereabouts,
} from "./person.ts";
export { type Finding, finding, type ReasonCode, type ReasonRow, reasonCodes, type Severity } from "./reason-codes.ts";
export type { RequisitionLine, SourceCode } from "./requisition.ts";
