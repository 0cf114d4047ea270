// What roles may do, as far as a page offers it or says why not. The platform decides, whatever is offered here.

type Roles = readonly string[];

const may =
  (...permitted: Roles) =>
  (own: Roles): boolean =>
    own.some((role) => permitted.includes(role));

/** Who reads what became of a message. */
export const mayReadJourneys = may(
  "operator",
  "integration-engineer",
  "clinical-safety-officer",
  "auditor",
  "approver",
  "second-approver",
  "steward",
);

/** Who sees what codes of sources stand for, and who says it. */
export const codeReaders: Roles = ["supply", "operator", "integration-engineer", "auditor", "administrator"];
export const codeMappers: Roles = ["supply"];
export const mayReadCodes = may(...codeReaders);
export const mayMapCodes = may(...codeMappers);
