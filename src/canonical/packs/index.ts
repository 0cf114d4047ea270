// Rule packs: what may be written of a person, who is asked, and how that is decided from three sides. Pure.

export { askToMerge } from "./ask.ts";
export type { ComparisonCode } from "./codes.ts";
export { compareSources } from "./compare-sources.ts";
export { decide, decideAgain } from "./decide.ts";
export { type DecisionDifference, differencesOf } from "./differences.ts";
export { type PackField, packFields } from "./fields.ts";
export {
  type Approval,
  type Authority,
  type Pack,
  packSchema,
  type Risk,
  type Stance,
  type Verdict,
} from "./pack-schema.ts";
export { readPack } from "./read-pack.ts";
export type { Value } from "./same-value.ts";
export type {
  Ask,
  ChangeKind,
  ComparedField,
  Comparison,
  DecidedField,
  Decision,
  DecisionInput,
  NationalWord,
  PersonStance,
} from "./types.ts";
