// What people may do and have done, in words.

const actions: Readonly<Record<string, string>> = {
  approve: "Approve",
  refuse: "Refuse",
  retry: "Try again",
  replay: "Try again",
  dismiss: "Give it up",
  replace: "Replace it in the ERP",
  close: "Leave it as it is",
  leave: "Leave them linked",
  unlink: "Take the link back",
  same: "The same person",
  different: "Two different persons",
  new: "None of these: a new person",
  agree: "I agree",
  link: "The same person",
  none: "Not the same person",
  unsure: "Cannot be told",
  "uphold-first": "The first answer stands",
  "uphold-second": "The second answer stands",
  justified: "It was justified",
  unjustified: "It was not justified",
  cancel: "Cancel it",
  skip: "Leave this step out",
};

/** An action as its button says it. */
export const actionWord = (name: string): string => {
  const [verb = "", place] = name.split(":");
  if (verb === "link" && place !== undefined) return `The same as candidate ${place}`;
  return actions[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");
};

const deeds: Readonly<Record<string, string>> = {
  claimed: "took it on",
  released: "gave it back",
  assigned: "gave it to",
  inquired: "said what is missing",
  commented: "wrote",
  escalated: "made it more pressing",
  chose: "chose",
  decided: "decided",
  expired: "Nobody decided in time",
  withdrawn: "It is no longer needed",
};

/** A deed of somebody's, or of nobody's. */
export const deedWord = (deed: string | undefined): string => deeds[deed ?? ""] ?? deed ?? "";

const roles: Readonly<Record<string, string>> = {
  approver: "an approver",
  "second-approver": "a second approver",
  steward: "a data steward",
  operator: "an operator",
  "integration-engineer": "an integration engineer",
  finance: "somebody of finance",
  supply: "somebody of supply",
  workforce: "somebody of workforce",
  "clinical-safety-officer": "a clinical safety officer",
  auditor: "an auditor",
  administrator: "an administrator",
};

/** A role by itself: `data steward`. */
export const roleWord = (name: string): string => (name === "steward" ? "data steward" : name.replaceAll("-", " "));

/** Who may do something: `an approver or a data steward`. */
export const whoMay = (names: readonly string[] = []): string =>
  names.length === 0 ? "anybody who works this queue" : names.map((name) => roles[name] ?? name).join(" or ");

const domains: Readonly<Record<string, string>> = {
  demographics: "Patients",
  operations: "Integration",
  finance: "Finance",
  supply: "Supply",
  workforce: "Workforce",
  safety: "Clinical safety",
};

export const domainWord = (domain: string | undefined): string => domains[domain ?? ""] ?? domain ?? "Other";

const queues: Readonly<Record<string, string>> = {
  supply: "Refused order lines",
  "supply-codes": "Codes to map",
};

/** A queue in words of its own, or its name without its hyphens. */
export const queueWord = (queue = ""): string => {
  const words = queues[queue] ?? queue.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
