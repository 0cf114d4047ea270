// Matches whole files: one against itself, or one against another; pairs and clusters go to files.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Model } from "../model.ts";
import type { MatchRules } from "../rules.ts";
import { train } from "../train.ts";
import type { ReadyBatch } from "./batch-work.ts";
import { type Blocks, blockBuilder } from "./blocks.ts";
import { decideAll, rangesOf } from "./decide-all.ts";
import type { FileMap } from "./file-map.ts";
import { isSeenAgain, type SeenKeys, seenKeysFor } from "./key-hashes.ts";
import { batchRows, idReader, numberSlot, numbersOfOne, type PackedBatch, slot, widthOf } from "./packed.ts";
import { clustersHeading, csvCell, type NewFile, newFile } from "./pairs-file.ts";
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
/** DuckDB sorts on disk beyond this. */
const storeMegabytes = 500;
// Keys of a record, about, and bytes of its row; only guesses how large a table of bits is made.
const keysPerByte = 0.25;
const randomSample = 100_000;
/** About so many pairs that share keys are enough to learn from. */
const samplePairs = 400_000;
/** In smaller files there is too little to learn from. */
const leastRecords = 500;
/** Records that one thread learns from at a time. */
const stride = 32_768;
const writtenAtOnce = 1 << 20;

/** Matches files. Either all outputs are written or none. @throws MATCH_COLUMN_MISSING, CONFIG_INVALID */
export async function matchFiles(options: MatchFilesOptions): Promise<MatchFilesResult> {
  const { map, files } = options;
  const sizes = await Promise.all(files.map(sizeOf));
  const columns = await Promise.all(files.map((file) => readColumns(file, map)));
  const allBytes = sizes.reduce((sum, size) => sum + size, 0);
  const seen = seenKeysFor(allBytes * keysPerByte);
  const outputs: NewFile[] = [];
  const threads = startThreads(threadCount, { environment: map.environment, extra: map.extra, seen });
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
      sides.push(await readFileRecords(file, columns[index]!, { map, threads, onLeftOut, onRead }));
    }
    const found = await matchRecords(sides, { ...options, threads, seen, outputs });
    for (const output of outputs) await output.keep();
    return { ...found, leftOut };
  } finally {
    await threads.close();
    for (const output of outputs) await output.drop();
  }
}

type Setting = MatchFilesOptions & {
  readonly threads: Threads;
  readonly seen: SeenKeys;
  readonly outputs: readonly NewFile[];
};

async function matchRecords(sides: ReadyBatch[][], setting: Setting): Promise<Omit<MatchFilesResult, "leftOut">> {
  const { map, threads, onProgress, rules } = setting;
  const batches = sides.flat();
  const packed = batches.map((batch) => batch.packed);
  const width = widthOf(map.extra.length);
  const counts = sides.map((side) => side.reduce((sum, one) => sum + presentIn(one, width), 0));
  const rightFrom = sides.length === 2 ? sides[0]!.length * batchRows : undefined;
  const people = counts.reduce((sum, count) => sum + count, 0);
  await threads.tell({ kind: "records", batches: packed });
  const [blocks, common] = await Promise.all([
    blocksOf(batches, { ...setting, people, rightFrom, width }),
    valuesOf(packed.length, setting),
  ]);
  await threads.tell({ kind: "blocks", blocks, common });
  const isFitted = setting.learning === "all" || (setting.learning === "sample" && people >= leastRecords);
  const every = setting.learning === "all" ? 1 : Math.max(1, Math.round(blocks.pairs / samplePairs));
  const model = isFitted ? await learn({ people, every, common, batches: packed.length }, setting) : setting.model;
  // Of two files each record is compared with those of the other.
  const population = Math.max(...counts);
  const [pairsFile, clustersFile] = setting.outputs;
  const { pairs, found, apart, linked, reviews } = await decideAll({
    threads,
    records: packed.length * batchRows,
    till: rightFrom ?? packed.length * batchRows,
    deciding: { model, rules, population },
    leastProbability: setting.leastProbability,
    needsApart: clustersFile !== undefined,
    write: pairsFile!.write,
    onProgress: (done) => onProgress("comparing", done),
  });
  onProgress("clustering", 0);
  const clusterCount =
    clustersFile &&
    (await writeClusters(clustersFile, packed, { links: found, apart, equals: blocks.equals }, setting));
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
  ties: Ties,
  { map }: Setting,
): Promise<number> {
  const idOf = idReader(packed, map.extra.length);
  const records = packed.length * batchRows;
  const found = personsOfLinks(records, ties, (a, b) => idOf(a)! < idOf(b)!);
  await file.write(clustersHeading);
  let count = 0;
  let rows = "";
  for (let record = 0; record < records; record += 1) {
    const id = idOf(record);
    if (id === undefined) continue;
    if (found[record] === record) count += 1;
    rows += `${csvCell(id)},${csvCell(found[record] === record ? id : idOf(found[record]!)!)}\n`;
    if (rows.length < writtenAtOnce) continue;
    await file.write(rows);
    rows = "";
  }
  await file.write(rows);
  return count;
}

function presentIn({ packed }: ReadyBatch, width: number): number {
  let present = 0;
  for (let row = 0; row < packed.rows; row += 1) if (packed.ints[row * width + slot.id] !== 0) present += 1;
  return present;
}

type BlockSetting = Setting & {
  readonly people: number;
  readonly rightFrom: number | undefined;
  readonly width: number;
};

async function blocksOf(batches: readonly ReadyBatch[], setting: BlockSetting): Promise<Blocks> {
  const { people, rightFrom, width, seen, onProgress } = setting;
  // Loaded here, so that a platform that matches no files never loads DuckDB.
  const { openKeyStore } = await import("./store.ts");
  const spillFolder = await mkdtemp(join(tmpdir(), "lockgate-match-"));
  const store = await openKeyStore({ threads: threadCount, memoryMegabytes: storeMegabytes, spillFolder });
  try {
    for (const [index, { packed, keys, keyEnds }] of batches.entries()) {
      let key = 0;
      for (let row = 0; row < packed.rows; row += 1) {
        const isIn = packed.ints[row * width + slot.id] !== 0;
        for (; key < keyEnds[row]!; key += 1)
          if (isIn && isSeenAgain(seen, keys[2 * key]!))
            store.add(keys[2 * key]!, keys[2 * key + 1]!, index * batchRows + row);
      }
      onProgress("blocking", (index + 1) / batches.length / 2);
    }
    const build = blockBuilder({ people, rightFrom, wholes: wholesOf(batches, width) });
    await store.sorted(build.add);
    onProgress("blocking", 1);
    return build.finish();
  } finally {
    store.close();
    await rm(spillFolder, { recursive: true, force: true });
  }
}

/** The contents of each record as a number; 0 where the row was left out. */
function wholesOf(batches: readonly ReadyBatch[], width: number): Float64Array {
  const wholes = new Float64Array(batches.length * batchRows);
  for (const [index, { packed }] of batches.entries())
    for (let row = 0; row < packed.rows; row += 1)
      if (packed.ints[row * width + slot.id] !== 0)
        wholes[index * batchRows + row] = packed.numbers[row * numbersOfOne + numberSlot.whole]!;
  return wholes;
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
