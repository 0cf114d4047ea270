// Rules: named, versioned documents that decisions rest on, changed while the platform runs.

export { openRules, type RuleDocument, type Rules } from "./rules.ts";
export type { RulesInForce, StoredDocument } from "./store.ts";
