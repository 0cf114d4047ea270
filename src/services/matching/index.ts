// Matching: records made ready, compared, weighed and decided on, one at a time against the index of persons or many at once.

export { type FileMap, readFileMap } from "./bulk/file-map.ts";
export {
  type Learning,
  type MatchFilesOptions,
  type MatchFilesResult,
  matchFiles,
  type Stage,
} from "./bulk/match-files.ts";
export { candidatePairs, comparePairs, type Pair, randomPairs } from "./bulk.ts";
export { type ClusterInput, clusters } from "./clusters.ts";
export { type Decision, type MatchCode, matchCodes } from "./codes.ts";
export { comparer } from "./compare.ts";
export { decidePair, type PairDecision, type PairFacts } from "./decide-pair.ts";
export { type Candidate, type JudgeOptions, judging, type RankedCandidate, type Verdict } from "./judge.ts";
export { blockingKeys } from "./keys.ts";
export { type MatchAnswer, matchOperation, type Resource } from "./match-operation.ts";
export { type Model, readModel } from "./model.ts";
export { matchOutcomes } from "./outcomes/outcomes.ts";
export { journeysOf, type Quality, qualityOf } from "./outcomes/quality.ts";
export { biasReport, type GroupReport } from "./outcomes/report.ts";
export { matchRulesName, openPersonMatching, type PersonMatchingOptions } from "./persons/open.ts";
export { type PrepareOptions, preparer } from "./prepare.ts";
export { type MatchRules, readMatchRules } from "./rules.ts";
export { type Contribution, type Scorer, scorer, type Weight } from "./score.ts";
export { secondReviewSaga } from "./second-review.saga.ts";
export { countShares } from "./shares.ts";
export { type TrainingPairs, train } from "./train.ts";
export type { ExtraColumn, Levels, MatchRecord, Prepared, Shares } from "./types.ts";
