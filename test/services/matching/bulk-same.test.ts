// Holds matching of files to its bytes: what is made faster gives the same pairs, weights, reasons and clusters as before.

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MatchFilesOptions, matchFiles, readFileMap } from "#services/matching";
import { writePeople } from "../../../bench/people-file.ts";
import { rules, uk } from "./rig.ts";

let folder = "";
const inFolder = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bulk-same-"));
  await writePeople(inFolder("people.csv"), 3_000, 11);
  const [heading = "", ...people] = readFileSync(inFolder("people.csv"), "utf8").trimEnd().split("\n");
  // Rows that tell nothing but their id part the others into two batches.
  const nobody = Array.from({ length: 17_000 }, (_, index) => `n${index},,,,,,,,,`);
  const rows = [...people.slice(0, 1_500), ...nobody, ...people.slice(1_500)];
  const write = (name: string, some: readonly string[]) => writeFileSync(inFolder(name), [heading, ...some].join("\n"));
  write("all.csv", rows);
  write(
    "left.csv",
    rows.filter((_, index) => index % 2 === 0),
  );
  write(
    "right.csv",
    rows.filter((_, index) => index % 2 === 1),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fields = {
  givenName: "given_name",
  familyName: "family_name",
  birthDate: "dob",
  gender: "gender",
  postcode: "postcode",
  addressLine: "address1",
  phone: "phone",
};
const withNumber = { ...fields, nhsNumber: "nhs_number" };
const digestOf = (name: string): string =>
  createHash("sha256")
    .update(readFileSync(inFolder(name)))
    .digest("hex")
    .slice(0, 16);

type Case = {
  readonly name: string;
  readonly files: readonly string[];
  readonly of: Readonly<Record<string, string>>;
  readonly more?: Partial<MatchFilesOptions>;
  readonly pairs: string;
  readonly clusters: string;
};

// The digests are of what was written when the files were first matched: a change of model, rules or comparisons changes them,
// and nothing else may.
const cases: readonly Case[] = [
  { name: "one file", files: ["all.csv"], of: withNumber, pairs: "63a9dc2a839ab0db", clusters: "ada4a683ffcebbf3" },
  {
    name: "one file without NHS numbers",
    files: ["all.csv"],
    of: fields,
    pairs: "a89ce9e5286ba5de",
    clusters: "68d437aee00e4bc1",
  },
  {
    name: "one file from a probability on",
    files: ["all.csv"],
    of: withNumber,
    more: { leastProbability: 0.01, learning: "none" },
    pairs: "b661bc194385c665",
    clusters: "ada4a683ffcebbf3",
  },
  {
    name: "two files",
    files: ["left.csv", "right.csv"],
    of: withNumber,
    pairs: "e44bd3f759868daf",
    clusters: "3bca5d135dffb8aa",
  },
];

test.each(cases)("equal input gives equal bytes: $name", async ({ files, of, more, pairs, clusters }) => {
  await matchFiles({
    files: files.map(inFolder) as [string],
    map: readFileMap(JSON.stringify({ id: "rec_id", environment: "test", fields: of })),
    model: uk,
    rules,
    learning: "sample",
    pairsFile: inFolder("pairs.csv"),
    clustersFile: inFolder("clusters.csv"),
    onLeftOut: () => undefined,
    onProgress: () => undefined,
    ...more,
  });
  expect({ pairs: digestOf("pairs.csv"), clusters: digestOf("clusters.csv") }).toEqual({ pairs, clusters });
});
