// How well records are matched, at the thresholds of the model file, beside the anchor; and what it costs.

import { runSet } from "./matching-run.ts";
import { hasSet, linkageSets } from "./matching-sets.ts";
import { report } from "./measure.ts";

const brief = (value: number): number => Number(value.toFixed(4));

for (const set of linkageSets) {
  if (!hasSet(set)) {
    process.stderr.write(`matching: the data set "${set.name}" is not there; left out.\n`);
    continue;
  }
  const { model, possible, linked, clustered, ...outcome } = runSet(set);
  report({
    bench: "matching",
    case: set.name,
    model: model.name,
    records: outcome.records,
    pairs: outcome.pairs,
    blockingRecall: brief(outcome.blockingRecall),
    reviewFrom: model.thresholds.review,
    precision: brief(possible.precision),
    recall: brief(possible.recall),
    f1: brief(possible.f1),
    anchorF1: set.anchorF1,
    f1AboveAnchor: brief(possible.f1 - set.anchorF1),
    linkFrom: model.thresholds.auto,
    linkPrecision: brief(linked.precision),
    linkRecall: brief(linked.recall),
    clusterF1: brief(clustered.f1),
    twinsLinked: outcome.twinsLinked,
    sameNamesLinked: outcome.sameNamesLinked,
    cpuMicrosPerPair: Number(outcome.cpuMicrosPerPair.toFixed(2)),
  });
}
