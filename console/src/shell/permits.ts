// Who may do what stands on pages that others read as well, so that a page can say why not. The platform decides, whatever is offered.

/** Who says what codes of sources stand for. */
export const codeMappers: readonly string[] = ["supply"];

/** Whether these roles map codes. */
export const mayMapCodes = (own: readonly string[]): boolean => own.some((role) => codeMappers.includes(role));

/** Who is told of the audit who looked at what, and who did what. */
export const auditReaders: readonly string[] = ["auditor", "clinical-safety-officer"];

/** Whether these roles search the audit. */
export const maySearchAudit = (own: readonly string[]): boolean => own.some((role) => auditReaders.includes(role));

/** Who has the audit prove itself. */
export const auditProvers: readonly string[] = [...auditReaders, "operator", "integration-engineer"];

/** Whether these roles take proofs from the audit. */
export const mayProveAudit = (own: readonly string[]): boolean => own.some((role) => auditProvers.includes(role));

const explainers: readonly string[] = [...auditReaders, "administrator"];

/** Whether these roles ask what others may do, and are told who works here. */
export const mayAskOfOthers = (own: readonly string[]): boolean => own.some((role) => explainers.includes(role));
