// The ports: what the platform asks of a kind of system, in canonical words.

export {
  type CallContext,
  type ErpPatient,
  type ErpPatients,
  type NewPatientValues,
  type PatientCursor,
  type PatientRecord,
  type PatientValues,
  patientTextLimits,
} from "./erp.ts";
export {
  type FindablePerson,
  type KeptApart,
  type MatchCandidate,
  type MatchReason,
  type MatchVerdict,
  matchedFields,
  type OverturnedMatch,
  type PersonMatching,
  type SettledMatch,
} from "./matching.ts";
export type * from "./national.ts";
export * from "./supplies.ts";
