// The roles of people.

/** What a person may be to the platform; what each may do is said by the policies. */
export const roles = [
  "integration-engineer",
  "operator",
  "approver",
  "second-approver",
  "steward",
  "finance",
  "supply",
  "workforce",
  "clinical-safety-officer",
  "auditor",
  "administrator",
] as const;
export type Role = (typeof roles)[number];
