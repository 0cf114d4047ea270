// `lockgate match`: finds the records of one person in files, with no platform running.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LockgateError } from "#kernel/errors";
import {
  type FileMap,
  type Learning,
  type MatchFilesResult,
  type Model,
  matchFiles,
  readFileMap,
  readMatchRules,
  readModel,
} from "#services/matching";
import { EXIT, show } from "../output.ts";
import { progressLine } from "./match-progress.ts";

/** What is asked for on the command line. */
export type MatchAsked = {
  readonly map: string;
  readonly out: string;
  readonly clusters?: string;
  readonly train: boolean;
  readonly model?: string;
  readonly saveModel?: string;
  readonly threshold?: number;
};

/**
 * Whole households stand in files: beneath 0 up to twice as many pairs are asked about for nothing. Of one record at a
 * time a steward's look costs less than a second record of one person.
 */
const REVIEW_IN_FILES = 0;

const resources = join(import.meta.dirname, "../../../resources/matching");

/** Matches one file with itself, or the left one with the right. */
export async function matchAsFiles(
  files: readonly [string] | readonly [string, string],
  asked: MatchAsked,
  json: boolean,
): Promise<number> {
  const map = readFileMap(readText(asked.map));
  const model = asked.model === undefined ? shippedModelFor(map) : readModel(readText(asked.model));
  const rules = readMatchRules(readText(join(resources, "rules.yaml")));
  const progress = progressLine(process.stderr);
  const startedAt = performance.now();
  let result: MatchFilesResult;
  try {
    result = await matchFiles({
      files,
      map,
      model,
      rules,
      learning: learningOf(asked),
      pairsFile: asked.out,
      ...(asked.clusters === undefined ? {} : { clustersFile: asked.clusters }),
      ...(asked.threshold === undefined ? {} : { leastProbability: asked.threshold }),
      onLeftOut: ({ file, line, why }) => progress.say(`${file} line ${line}: ${why}; left out`),
      onProgress: progress.show,
    });
  } finally {
    progress.end();
  }
  if (asked.saveModel !== undefined) writeFileSync(asked.saveModel, `${JSON.stringify(result.model, undefined, 2)}\n`);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage();
  const { model: used, ...counts } = result;
  const summary = {
    ...counts,
    model: `${used.name} ${used.version}`,
    seconds,
    cpuSeconds: (user + system) / 1e6,
  };
  show(json, summary, () => describe(result, seconds));
  return EXIT.done;
}

/** A model of one's own is kept to; a shipped one is fitted on a sample, for nobody made it for these files. */
const learningOf = ({ train, model }: MatchAsked): Learning =>
  train ? "all" : model === undefined ? "sample" : "none";

/** The UK's model for what only the UK has; the generic one for all else. */
function shippedModelFor({ fields }: FileMap): Model {
  const isOfUk = fields.nhsNumber !== undefined || fields.postcode !== undefined;
  const model = readModel(readText(join(resources, isOfUk ? "uk.json" : "generic.json")));
  return { ...model, thresholds: { ...model.thresholds, review: REVIEW_IN_FILES } };
}

function describe(result: MatchFilesResult, seconds: number): string {
  const { records, leftOut, pairsCompared, keysLeftOut, linked, reviews, clusters, model, isFitted } = result;
  const common = keysLeftOut === 0 ? "" : ` (${keysLeftOut} keys left out, for too many records share them)`;
  const persons = clusters === undefined ? "" : `, ${clusters} clusters`;
  return [
    `${records} records, ${leftOut} rows left out; ${pairsCompared} pairs compared${common} in ${seconds.toFixed(1)} s`,
    `${linked} pairs linked, ${reviews} for review${persons}; model ${model.name} ${model.version}${isFitted ? ", fitted to these files" : ""}`,
  ].join("\n");
}

/** @throws CONFIG_INVALID when there is no such file */
function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new LockgateError("CONFIG_INVALID", { at: file, reason: "cannot be read", cause });
  }
}
