// What `lockgate match dedupe` makes of the published sets, and what a million records cost it: the command itself is run.

import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pairsWithin, type Quality, qualityOf } from "./matching-run.ts";
import { hasSet, type LinkageSet, linkageSets, readSet } from "./matching-sets.ts";
import { hashesPerMs, peakRss, report } from "./measure.ts";
import { writePeople } from "./people-file.ts";

const million = 1_000_000;
const seed = 7;
const sampleMs = 100;
const folder = await mkdtemp(join(tmpdir(), "match-bulk-"));
const inFolder = (name: string): string => join(folder, name);
const brief = (value: number): number => Number(value.toFixed(4));

/** What the command says of itself, and how much memory it held at most. */
type Run = {
  readonly counts: {
    readonly records: number;
    readonly pairsCompared: number;
    readonly seconds: number;
    readonly cpuSeconds: number;
  };
  readonly peakMegabytes: number;
};

/** Runs the command on `people.csv` and `map.json`; the most memory that it held is looked at every tenth of a second. */
async function dedupe(...args: string[]): Promise<Run> {
  const command = ["src/app/main.ts", "match", "dedupe", "--json", "--in", inFolder("people.csv")];
  const files = ["--map", inFolder("map.json"), "--out", inFolder("pairs.csv"), "--clusters", inFolder("clusters.csv")];
  const child = spawn(process.execPath, [...command, ...files, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  let peakMegabytes = 0;
  const sampling = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakRss(child.pid!));
  }, sampleMs);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearInterval(sampling);
  if (code !== 0) throw new Error(`match dedupe ended with ${code}`);
  return { counts: JSON.parse(Buffer.concat(chunks).toString()), peakMegabytes };
}

async function* rowsOf(file: string): AsyncGenerator<string[]> {
  let isHeading = true;
  for await (const line of createInterface({ input: createReadStream(inFolder(file)) })) {
    if (!isHeading) yield line.split(",");
    isHeading = false;
  }
}

/** How good pairs and clusters are; `personOf` is the truth. */
async function qualityOfRun(personOf: ReadonlyMap<string, string>) {
  const truth = pairsWithin(personOf.values());
  const seen = { found: 0, right: 0, linked: 0, linkedRight: 0 };
  for await (const [a = "", b = "", , , decision] of rowsOf("pairs.csv")) {
    const isRight = personOf.get(a) === personOf.get(b);
    seen.found += 1;
    if (isRight) seen.right += 1;
    if (decision !== "link") continue;
    seen.linked += 1;
    if (isRight) seen.linkedRight += 1;
  }
  const clustered: string[] = [];
  const both: string[] = [];
  for await (const [id = "", cluster = ""] of rowsOf("clusters.csv")) {
    clustered.push(cluster);
    both.push(`${cluster} ${personOf.get(id)}`);
  }
  return {
    possible: qualityOf(seen.right, seen.found, truth),
    linked: qualityOf(seen.linkedRight, seen.linked, truth),
    clustered: qualityOf(pairsWithin(both), pairsWithin(clustered), truth),
  };
}

function told(possible: Quality, linked: Quality, clustered: Quality) {
  return {
    precision: brief(possible.precision),
    recall: brief(possible.recall),
    f1: brief(possible.f1),
    linkPrecision: brief(linked.precision),
    linkRecall: brief(linked.recall),
    clusterF1: brief(clustered.f1),
  };
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

async function runPublished(set: LinkageSet): Promise<void> {
  const { records, persons } = readSet(set);
  const columns = [...Object.values(set.fields), ...set.extra.map(({ column }) => column)];
  const cells = records.map(({ extra = {} }, index) => [`r${index}`, ...columns.map((column) => extra[column] ?? "")]);
  const rows = [["rec", ...columns], ...cells].map((row) => row.map(quoted).join(","));
  await writeFile(inFolder("people.csv"), rows.join("\n"));
  const map = { id: "rec", environment: "test", fields: set.fields, extra: set.extra };
  await writeFile(inFolder("map.json"), JSON.stringify(map));
  // The model is the one that bench/matching.ts uses.
  const run = await dedupe(
    "--model",
    `resources/matching/${set.model}.json`,
    ...(set.model === "uk" ? [] : ["--train"]),
  );
  const { possible, linked, clustered } = await qualityOfRun(
    new Map(persons.map((person, index) => [`r${index}`, person])),
  );
  report({
    bench: "match-bulk",
    case: set.name,
    model: set.model,
    records: run.counts.records,
    pairs: run.counts.pairsCompared,
    ...told(possible, linked, clustered),
    seconds: brief(run.counts.seconds),
    cpuSeconds: brief(run.counts.cpuSeconds),
  });
}

async function runMillion(): Promise<void> {
  await writePeople(inFolder("people.csv"), million, seed);
  await writeFile(
    inFolder("map.json"),
    JSON.stringify({
      id: "rec_id",
      environment: "test",
      fields: {
        nhsNumber: "nhs_number",
        givenName: "given_name",
        familyName: "family_name",
        birthDate: "dob",
        gender: "gender",
        postcode: "postcode",
        addressLine: "address1",
        phone: "phone",
      },
    }),
  );
  const run = await dedupe();
  const personOf = new Map<string, string>();
  for await (const [id = "", person = ""] of rowsOf("people.csv")) personOf.set(id, person);
  const { possible, linked, clustered } = await qualityOfRun(personOf);
  report({
    bench: "match-bulk",
    case: "a million made-up people",
    model: "uk",
    records: run.counts.records,
    pairs: run.counts.pairsCompared,
    ...told(possible, linked, clustered),
    seconds: brief(run.counts.seconds),
    cpuSeconds: brief(run.counts.cpuSeconds),
    peakMegabytes: run.peakMegabytes,
    hashesPerMs: hashesPerMs(),
  });
}

try {
  for (const set of linkageSets)
    if (hasSet(set)) await runPublished(set);
    else process.stderr.write(`match-bulk: the data set "${set.name}" is not there; left out.\n`);
  await runMillion();
} finally {
  await rm(folder, { recursive: true, force: true });
}
