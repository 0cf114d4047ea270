// Matches whole files: one against itself, or one against another; pairs and clusters go to files.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Model } from "../model.ts";
import type { MatchRules } from "../rules.ts";
import { train } from "../train.ts";
import type { ReadyBatch } from "./batch-work.ts";
import type { Blocks } from "./blocks.ts";
import { decideAll, inOrder, rangesOf } from "./decide-all.ts";
import type { FileMap } from "./file-map.ts";
import { type FindBlocksOptions, findBlocks } from "./find-blocks.ts";
import { batchRows, idReader, type PackedBatch, slot, widthOf } from "./packed.ts";
import { clustersHeading, type NewFile, newFile } from "./pairs-file.ts";
import { personsOfLinks, type Ties } from "./persons-of-links.ts";
import { type LeftOut, readColumns, readFileRecords, sizeOf } from "./read-files.ts";
import { startThreads, type Threads } from "./threads.ts";
import { type CommonValues, commonValues } from "./value-counts.ts";

/** What is matched, by what, and where it goes. */
export type MatchFilesOptions = {
  /** The file; or left and right file. */
  readonly files: readonly [string] | readonly [string, string];
  readonly map: FileMap;
  readonly model: Model;
  readonly rules: MatchRules;
  /** On how many of the pairs the model is fitted to these files first, without truth. */
  readonly learning: Learning;
  /** Write all pairs from this probability on and no other, whatever is decided on them. */
  readonly leastProbability?: number;
  readonly pairsFile: string;
  readonly clustersFile?: string;
  readonly onLeftOut: (row: LeftOut) => void;
  /** `done`: share of the stage, 0 to 1. */
  readonly onProgress: (stage: Stage, done: number) => void;
};

/** What a model is fitted on: nothing, a sample whose size does not grow with the files, or every pair. */
export type Learning = "none" | "sample" | "all";

/** What takes time, in order. */
export type Stage = "reading" | "blocking" | "learning" | "comparing" | "clustering";

/** What came of it. */
export type MatchFilesResult = {
  readonly records: number;
  readonly leftOut: number;
  readonly pairsCompared: number;
  /** Keys that too many records share: whom only they bring together was not compared. */
  readonly keysLeftOut: number;
  readonly linked: number;
  readonly reviews: number;
  readonly clusters: number | undefined;
  /** The model that the decisions rest on: as given, or as fitted. */
  readonly model: Model;
  readonly isFitted: boolean;
};

const threadCount = 2;
const randomSample = 100_000;
/** About so many pairs that share keys are enough to learn from. */
const samplePairs = 400_000;
/** In smaller files there is too little to learn from. */
const leastRecords = 500;
/** Records that one thread learns from at a time. */
const stride = 32_768;

/** Matches files. Either all outputs are written or none. @throws MATCH_COLUMN_MISSING, CONFIG_INVALID */
export async function matchFiles(options: MatchFilesOptions): Promise<MatchFilesResult> {
  const { map, files } = options;
  const sizes = await Promise.all(files.map(sizeOf));
  const columns = await Promise.all(files.map((file) => readColumns(file, map)));
  const allBytes = sizes.reduce((sum, size) => sum + size, 0);
  const outputs: NewFile[] = [];
  const spillFolder = await mkdtemp(join(tmpdir(), "lockgate-match-"));
  const threads = startThreads(threadCount, { environment: map.environment, extra: map.extra });
  try {
    outputs.push(await newFile(options.pairsFile));
    if (options.clustersFile !== undefined) outputs.push(await newFile(options.clustersFile));
    let leftOut = 0;
    const onLeftOut = (row: LeftOut) => {
      leftOut += 1;
      options.onLeftOut(row);
    };
    const sides: ReadyBatch[][] = [];
    for (const [index, file] of files.entries()) {
      const before = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
      const onRead = (bytes: number) => options.onProgress("reading", (before + bytes) / Math.max(allBytes, 1));
      const firstBatch = sides.flat().length;
      sides.push(await readFileRecords(file, columns[index]!, { map, threads, firstBatch, onLeftOut, onRead }));
    }
    const found = await matchRecords(sides, { ...options, threads, outputs, spillFolder });
    for (const output of outputs) await output.keep();
    return { ...found, leftOut };
  } finally {
    await threads.close();
    for (const output of outputs) await output.drop();
    await rm(spillFolder, { recursive: true, force: true });
  }
}

type Setting = MatchFilesOptions & {
  readonly threads: Threads;
  readonly outputs: readonly NewFile[];
  readonly spillFolder: string;
};

async function matchRecords(sides: ReadyBatch[][], setting: Setting): Promise<Omit<MatchFilesResult, "leftOut">> {
  const { map, threads, onProgress, rules } = setting;
  const packed = sides.flat().map((batch) => batch.packed);
  const width = widthOf(map.extra.length);
  const counts = sides.map((side) => side.reduce((sum, one) => sum + presentIn(one, width), 0));
  const rightFrom = sides.length === 2 ? sides[0]!.length * batchRows : undefined;
  const people = counts.reduce((sum, count) => sum + count, 0);
  const [common, blocks] = await valuesAndBlocks({ packed, people, width, rightFrom }, setting);
  await threads.tell({ kind: "blocks", blocks, common });
  const isFitted = setting.learning === "all" || (setting.learning === "sample" && people >= leastRecords);
  const every = setting.learning === "all" ? 1 : Math.max(1, Math.round(blocks.pairs / samplePairs));
  const model = isFitted ? await learn({ people, every, common, batches: packed.length }, setting) : setting.model;
  // Of two files each record is compared with those of the other.
  const population = Math.max(...counts);
  const [pairsFile, clustersFile] = setting.outputs;
  const records = packed.length * batchRows;
  const till = rightFrom ?? records;
  const deciding = { model, rules, population };
  const { pairs, found, linked, reviews } = await decideAll({
    threads,
    records,
    till,
    deciding,
    leastProbability: setting.leastProbability,
    write: pairsFile!.write,
    onProgress: (done) => onProgress("comparing", done),
  });
  onProgress("clustering", 0);
  const apartIn = (groupOf: Int32Array) =>
    Promise.all(rangesOf(till, stride).map((range) => threads.ask({ kind: "apart", ...range, groupOf, ...deciding })));
  const ties = { links: found, apartIn, equals: blocks.equals };
  const clusterCount = clustersFile && (await writeClusters(clustersFile, packed, ties, setting));
  return {
    records: people,
    pairsCompared: pairs,
    keysLeftOut: blocks.keysLeftOut,
    linked,
    reviews,
    clusters: clusterCount,
    model,
    isFitted,
  };
}

/** Writes the cluster of each record; it goes by the lowest id in it. @returns how many there are */
async function writeClusters(
  file: NewFile,
  packed: readonly PackedBatch[],
  ties: Omit<Ties, "isBefore">,
  { map, threads }: Setting,
): Promise<number> {
  const idOf = idReader(packed, map.extra.length);
  const records = packed.length * batchRows;
  const found = await personsOfLinks(records, { ...ties, isBefore: (a, b) => idOf(a)! < idOf(b)! });
  await file.write(clustersHeading);
  let count = 0;
  await inOrder(
    rangesOf(records, stride),
    threads,
    (range) => threads.ask({ kind: "clusters", ...range, clusterOf: found }),
    async (written) => {
      count += written.clusters;
      await file.write(written.rows);
    },
  );
  return count;
}

function presentIn({ packed }: ReadyBatch, width: number): number {
  let present = 0;
  for (let row = 0; row < packed.rows; row += 1) if (packed.ints[row * width + slot.id] !== 0) present += 1;
  return present;
}

async function valuesAndBlocks(
  found: Pick<FindBlocksOptions, "packed" | "people" | "width" | "rightFrom">,
  setting: Setting,
): Promise<[CommonValues, Blocks]> {
  const { threads, spillFolder, onProgress } = setting;
  const keys = await threads.tell({ kind: "keys" });
  await threads.tell({ kind: "records", batches: found.packed });
  return Promise.all([
    valuesOf(found.packed.length, setting),
    findBlocks({ ...found, threads, keys, spillFolder, onProgress: (done) => onProgress("blocking", done) }),
  ]);
}

async function valuesOf(batches: number, { threads, model }: Setting): Promise<CommonValues> {
  const parts = await Promise.all(
    rangesOf(batches * batchRows, Math.ceil(batches / threads.count) * batchRows).map(({ from, till }) =>
      threads.ask({ kind: "count", from, till }),
    ),
  );
  return commonValues(parts, model.leastShare);
}

type Lesson = {
  readonly people: number;
  /** Of so many records one is learned from. */
  readonly every: number;
  readonly common: CommonValues;
  readonly batches: number;
};

async function learn({ people, every, common, batches }: Lesson, setting: Setting): Promise<Model> {
  const { threads, map, model, onProgress } = setting;
  const ranges = rangesOf(batches * batchRows, stride);
  let done = 0;
  const [random, ...blocked] = await Promise.all([
    threads.ask({ kind: "learn", random: randomSample }),
    ...ranges.map(async ({ from, till }) => {
      const found = await threads.ask({ kind: "learn", from, till, every });
      done += 1;
      onProgress("learning", done / ranges.length);
      return found;
    }),
  ]);
  return train(model, { random: random!, blocked: blocked.flat(), records: people, extra: map.extra, shares: common });
}
