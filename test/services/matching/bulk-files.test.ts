// Holds matching of files to its promises: as in memory, whatever the order of rows, bad rows told and left out, whole files or none.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  candidatePairs,
  clusters,
  comparePairs,
  countShares,
  decidePair,
  type FileMap,
  type MatchFilesResult,
  type MatchRecord,
  matchFiles,
  preparer,
  readFileMap,
  scorer,
} from "#services/matching";
import { peopleColumns, writePeople } from "../../../bench/people-file.ts";
import { generic, rules, uk } from "./rig.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bulk-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string): string => join(folder, name);

const fields = {
  nhsNumber: "nhs_number",
  givenName: "given_name",
  familyName: "family_name",
  birthDate: "dob",
  gender: "gender",
  postcode: "postcode",
  addressLine: "address1",
  phone: "phone",
};
const mapOf = (content: object): FileMap => readFileMap(JSON.stringify(content));
const people = mapOf({ id: "rec_id", environment: "test", fields });

type Row = {
  readonly a: string;
  readonly b: string;
  readonly weight: string;
  readonly probability: string;
  readonly decision: string;
  readonly reasons: string;
};
type Outcome = {
  readonly result: MatchFilesResult;
  readonly leftOut: string[];
  readonly rows: Row[];
  readonly clusters: ReadonlyMap<string, string>;
};

const linesOf = (file: string): string[] => readFileSync(inFolder(file), "utf8").trimEnd().split("\n").slice(1);

/** Matches texts as files. */
async function matched(texts: readonly [string] | readonly [string, string], more: object = {}): Promise<Outcome> {
  const files = texts.map((text, index) => {
    writeFileSync(inFolder(`in${index}.csv`), text);
    return inFolder(`in${index}.csv`);
  });
  const leftOut: string[] = [];
  const result = await matchFiles({
    files: files as [string],
    map: people,
    model: uk,
    rules,
    learning: "none",
    pairsFile: inFolder("pairs.csv"),
    clustersFile: inFolder("clusters.csv"),
    onLeftOut: ({ file, line, why }) => leftOut.push(`${file}:${line} ${why}`),
    onProgress: () => undefined,
    ...more,
  });
  const rows = linesOf("pairs.csv").map((line) => {
    const [a = "", b = "", weight = "", probability = "", decision = "", reasons = ""] = line.split(",");
    return { a, b, weight, probability, decision, reasons };
  });
  return {
    result,
    leftOut,
    rows,
    clusters: new Map(linesOf("clusters.csv").map((line) => line.split(",") as [string, string])),
  };
}

const heading = "rec_id,given_name,family_name,dob,gender,postcode,address1,phone,nhs_number";
const janes = [
  "j1,Jane,Threlfall,1980-05-23,F,TA3 7LD,12 Mill Lane,01632 960123,9000001870",
  "j2,JANE,Threlfal,23/05/1980,female,ta37ld,12 Mill Ln,,900 000 1870",
  "o1,Oliver,Shaw,1951-02-03,male,LS1 4AP,1 Park Row,,",
  "o2,Olly,Shaw,1951-02-03,1,LS1 4AP,1 Park Row,,",
];
const file = (...rows: string[]): string => [heading, ...rows].join("\r\n");

test("one file is compared with itself: pairs with weight, probability, decision and reasons, and clusters", async () => {
  const { result, rows, clusters: found } = await matched([file(...janes)]);
  expect(result).toMatchObject({
    records: 4,
    leftOut: 0,
    linked: rows.filter(({ decision }) => decision === "link").length,
  });
  const [jane] = rows.filter(({ a }) => a === "j1");
  expect(jane).toMatchObject({ b: "j2", decision: "link" });
  expect(jane!.reasons).toMatch(
    /^MT-100 name=same\/close birthDate=same gender=same household=same\/missing nhsNumber=same$/,
  );
  expect(Number(jane!.probability)).toBeCloseTo(1 / (1 + 2 ** -Number(jane!.weight)), 5);
  expect(rows.find(({ a }) => a === "o1")).toMatchObject({ b: "o2" });
  expect([...found]).toEqual([
    ["j1", "j1"],
    ["j2", "j1"],
    ["o1", "o1"],
    ["o2", "o1"],
  ]);
});

test("of two files only records of different files are compared, the left one's id first", async () => {
  const left = file(janes[1]!, janes[2]!, janes[0]!.replace("j1", "z1"));
  const {
    result,
    rows,
    clusters: found,
  } = await matched([left, file(janes[0]!, "x,Xavier,Quill,1999-09-09,male,,,,")]);
  expect(rows.map(({ a, b }) => `${a} ${b}`).sort()).toEqual(["j2 j1", "z1 j1"]);
  expect(result.records).toBe(5);
  expect(found.get("z1")).toBe("j1");
});

test("rows that cannot be used are told by their lines, left out, and stop nothing", async () => {
  const rows = [
    janes[0]!,
    "only,three,cells",
    'q1,"Ja""ne\nAnn",Threlfall,1980-05-23,F,TA3 7LD,"12, Mill Lane",,',
    ",Secretname,Threlfall,1980-05-23,F,,,,",
    "",
    janes[0]!,
    'b1,"Jane"x,Threlfall,1980-05-23,F,,,,',
    janes[1]!,
    'u1,"Secretname,Threlfall,1980-05-23,F,,,,',
    janes[2]!,
  ];
  const bytes = Buffer.concat([
    Buffer.from(`\ufeff${file(...rows)}\r\n`),
    Buffer.from("l1,Ren\xe9e,Threlfall,1980-05-23,F,,,,\r\n", "latin1"),
    Buffer.from(janes[3]!),
  ]);
  const { result, leftOut, rows: pairs } = await matched([bytes as unknown as string]);
  expect(leftOut).toEqual([
    "in0.csv:11 a quote is opened and never closed",
    "in0.csv:3 3 cells, not 9",
    "in0.csv:6 no id",
    "in0.csv:9 text stands beside a quoted cell",
    "in0.csv:8 an earlier row has this id",
    "in0.csv:13 not UTF-8",
  ]);
  expect(result).toMatchObject({ records: 5, leftOut: 6 });
  expect(pairs.map(({ a, b }) => `${a} ${b}`)).toEqual(expect.arrayContaining(["j1 j2", "o1 o2"]));
});

describe("on made-up people", () => {
  let text = "";
  beforeAll(async () => {
    await writePeople(inFolder("people.csv"), 3_000, 11);
    text = readFileSync(inFolder("people.csv"), "utf8");
  });

  test("the outcome is that of matching in memory, pair by pair and cluster by cluster", async () => {
    // Pair by pair: who leads is told by the files as a whole.
    const eachAlone = { ...rules, leaderAdvantage: Number.NEGATIVE_INFINITY };
    const { rows, result, clusters: found } = await matched([text], { rules: eachAlone });
    const cells = text
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","));
    const prepare = preparer({ environment: "test" });
    const records = cells.map((row) => prepare(recordOf(row)));
    const shares = countShares(records);
    const scoring = { model: uk, rules, scorer: scorer(uk, { population: records.length }) };
    const decided = [...comparePairs(records, candidatePairs(records), { shares })].map(({ a, b, levels }) => ({
      a,
      b,
      ...decidePair(levels, {}, scoring),
    }));
    const links = decided.filter(({ decision }) => decision !== "none");
    const idOf = (place: number) => cells[place]![0]!;
    const line = ({ a, b, total, decision, code }: (typeof links)[number]) =>
      `${[idOf(a), idOf(b)].sort().join(" ")} ${total.toFixed(3)} ${decision} ${code}`;
    expect(
      rows
        .map(({ a, b, weight, decision, reasons }) => `${a} ${b} ${weight} ${decision} ${reasons.split(" ")[0]}`)
        .sort(),
    ).toEqual(links.map(line).sort());
    expect(result.pairsCompared).toBe(decided.length);
    expect(links.length).toBeGreaterThan(1_000);
    const apart = decided.filter(
      ({ decision, code }) => decision === "none" && ["MT-203", "MT-204", "MT-210"].includes(code),
    );
    const inMemory = clusters({ records: records.length, links, apart });
    expect(partition(cells.map((_, place) => found.get(idOf(place))!))).toEqual(partition([...inMemory]));
  });

  test("the outcome does not hang on the order of the rows", async () => {
    const [head = "", ...lines] = text.trimEnd().split("\n");
    const { rows, clusters: found } = await matched([text]);
    const turned = await matched([[head, ...lines.toReversed()].join("\n")]);
    expect(turned.rows.map((row) => JSON.stringify(row)).sort()).toEqual(rows.map((row) => JSON.stringify(row)).sort());
    expect([...turned.clusters].sort()).toEqual([...found].sort());
  });

  test("a threshold writes the pairs from that probability on and no other, also those decided against", async () => {
    const all = await matched([text]);
    const sure = await matched([text], { leastProbability: 0.999 });
    expect(sure.rows.every(({ probability }) => Number(probability) >= 0.999)).toBe(true);
    const shown = all.rows.filter(({ probability }) => Number(probability) >= 0.999).length;
    expect(sure.rows.filter(({ decision }) => decision !== "none").length).toBe(shown);
    const low = await matched([text], { leastProbability: 0.0001 });
    expect(low.rows.some(({ decision }) => decision === "none")).toBe(true);
  });

  test("training fits weights without truth, and another run may use them", async () => {
    const { result, rows } = await matched([text], { learning: "all" });
    expect(result.model.comparisons.gender).not.toEqual(uk.comparisons.gender);
    expect(result.model.calibrated).toBe(false);
    const again = await matched([text], { model: result.model });
    expect(again.rows).toEqual(rows);
  });

  test("a sample of a file this small is all of it, and of fewer than 500 records nothing is learned", async () => {
    const [sample, all] = [await matched([text], { learning: "sample" }), await matched([text], { learning: "all" })];
    expect([sample.result.isFitted, sample.result.model]).toEqual([true, all.result.model]);
    const few = await matched([text.split("\n").slice(0, 499).join("\n")], { learning: "sample" });
    expect([few.result.isFitted, few.result.model]).toEqual([false, uk]);
  });
});

test("a record that fits two who are two persons is linked with neither, and with one who leads by far", async () => {
  const twin = "Jane,Threlfall,1980-05-23,F,TA3 7LD,12 Mill Lane,01632 960123";
  const contended = await matched([file(`n1,${twin},9000001870`, `n2,${twin},9000014786`, `x,${twin},`)]);
  expect(contended.rows.map(({ a, b, decision, reasons }) => [a, b, decision, reasons.split(" ")[0]])).toEqual([
    ["n1", "n2", "review", "MT-210"],
    ["n1", "x", "review", "MT-202"],
    ["n2", "x", "review", "MT-202"],
  ]);
  expect([contended.result.linked, contended.result.reviews]).toEqual([0, 3]);
  const sure = await matched([file(`n1,${twin},9000001870`, `n2,${twin},9000014786`, `x,${twin},`)], {
    leastProbability: 0.9,
  });
  expect(sure.rows).toEqual(contended.rows.filter(({ probability }) => Number(probability) >= 0.9));
  const led = await matched([file(`n1,${twin},9000001870`, `n2,${twin},9000014786`, `x,${twin},9000001870`)]);
  expect(led.rows.filter(({ decision }) => decision === "link").map(({ a, b }) => [a, b])).toEqual([["n1", "x"]]);
});

test("data of another country are matched by extra columns, a postcode among them as a category", async () => {
  const map = mapOf({
    id: "rec_id",
    fields: { givenName: "given_name", familyName: "surname", birthDate: "date_of_birth" },
    extra: [
      { column: "soc_sec_id", compare: "identifier" },
      { column: "suburb", compare: "text" },
      { column: "postcode", compare: "category" },
    ],
  });
  const rows = [
    "rec_id, given_name, surname, suburb, postcode, date_of_birth, soc_sec_id",
    "rec-1-org, mitchell, green, cleveland, 2119, 19560409, 1804974",
    "rec-1-dup-0, mitchel, green, clevelnd, 2119, 19560490, 1804974",
    "rec-2-org, harley, mccarthy, marsden, 3165, 19080419, 6089216",
  ];
  const { rows: pairs } = await matched([rows.join("\n")], { map, model: generic });
  expect(pairs.map(({ a, b }) => `${a} ${b}`)).toEqual(["rec-1-dup-0 rec-1-org"]);
  expect(pairs[0]!.reasons).toMatch(/ soc_sec_id=same suburb=close postcode=same$/);
});

test("three thousand of one family name are not all compared, and the keys they share are told", async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => {
    const [year, month, day] = [1930 + (index % 80), 1 + (index % 12), 1 + (index % 28)].map(String);
    return `s${index},Given${index.toString(36)},Smith,${year}-${month!.padStart(2, "0")}-${day!.padStart(2, "0")},,,,,`;
  });
  const { result, leftOut } = await matched([file(...rows, ...janes)]);
  expect(leftOut).toEqual([]);
  expect(result.keysLeftOut).toBeGreaterThan(0);
  expect(result.pairsCompared).toBeLessThan(2_000_000);
  expect(result.linked).toBeGreaterThanOrEqual(2);
});

describe("rows that are equal in all that is compared, more than can be compared with each other", () => {
  const cells = ["Jane", "Threlfall", "1980-05-23", "F", "TA3 7LD", "12 Mill Lane", "01632 960123", "9000001870"];
  const equal = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => [`${name}${String(index).padStart(4, "0")}`, ...cells].join(","));
  test("are one person, each paired with the first of them, and so is whoever is like them", async () => {
    const { result, rows, clusters } = await matched([file(...equal("e", 3_000), janes[1]!, janes[2]!)]);
    expect([result.keysLeftOut, rows.length]).toEqual([0, 3_000]);
    expect(rows.every(({ decision, a }) => decision === "link" && (a === "e0000" || a === "j2"))).toBe(true);
    expect([new Set(clusters.values()), clusters.get("j2")]).toEqual([new Set(["e0000", "o1"]), "e0000"]);
  });

  test("are paired across two files, each with the first of the other", async () => {
    const { result, rows, clusters } = await matched([file(...equal("l", 2_000)), file(...equal("r", 2_000))]);
    expect([result.keysLeftOut, rows.length, new Set(clusters.values()).size]).toEqual([0, 3_999, 1]);
    expect(rows.every(({ a, b }) => a.startsWith("l") && b.startsWith("r"))).toBe(true);
  });

  test("are not taken for those who differ from them in anything", async () => {
    const twin = equal("t", 3_000).map((row) => row.replace("Jane", "Zoe").replace("9000001870", "9000014786"));
    const { rows } = await matched([file(...equal("e", 3_000), ...twin)]);
    const links = rows.filter(({ decision }) => decision === "link");
    expect([links.length, links.some(({ a, b }) => a[0] !== b[0])]).toEqual([5_998, false]);
  });
});

test.each([
  ["an empty file", ""],
  ["a file of blank lines", "\n\n"],
  ["a file with another separator", heading.replaceAll(",", ";")],
  ["a file in UTF-16", Buffer.from(`\ufeff${heading}\n`, "utf16le").toString("latin1")],
])("%s is refused for want of columns", async (_what, text) => {
  await expect(matched([text])).rejects.toMatchObject({ code: "MATCH_COLUMN_MISSING" });
});

test("a file without rows has no pairs", async () => {
  const { result, rows } = await matched([`${heading}\n`]);
  expect([result.records, result.pairsCompared, rows]).toEqual([0, 0, []]);
});

test("a column that the file lacks is refused at once, by name, and nothing is written", async () => {
  const missing = matchFiles({
    files: [inFolder("in0.csv")],
    map: mapOf({ id: "rec_id", fields: { givenName: "forename" } }),
    model: uk,
    rules,
    learning: "none",
    pairsFile: inFolder("never.csv"),
    onLeftOut: () => undefined,
    onProgress: () => undefined,
  });
  await expect(missing).rejects.toMatchObject({ code: "MATCH_COLUMN_MISSING", reason: "column forename" });
  expect(readdirSync(folder).filter((name) => name.startsWith("never"))).toEqual([]);
});

test("a run that fails leaves no part of a file behind", async () => {
  const failed = matched([file(...janes)], {
    pairsFile: inFolder("half.csv"),
    clustersFile: join(folder, "nowhere", "clusters.csv"),
  });
  await expect(failed).rejects.toMatchObject({ code: "CONFIG_INVALID", reason: "cannot be written" });
  expect(readdirSync(folder).filter((name) => name.startsWith("half"))).toEqual([]);
});

test.each([
  ["unknown keys", { id: "a", fields: { givenName: "b" }, wrong: 1 }],
  ["unknown fields", { id: "a", fields: { nickname: "b" } }],
  ["unknown comparisons", { id: "a", fields: {}, extra: [{ column: "b", compare: "magic" }] }],
  ["nothing to compare", { id: "a", fields: {} }],
  [
    "a column named twice",
    {
      id: "a",
      fields: {},
      extra: [
        { column: "b", compare: "text" },
        { column: "b", compare: "category" },
      ],
    },
  ],
  ["one field mapped twice", { id: "a", fields: { addressLine: "b", addressLine1: "c" } }],
])("a map with %s is refused", (_what, content) => {
  expect(() => mapOf(content)).toThrow(expect.objectContaining({ code: "MATCH_MAP_INVALID" }));
});

function recordOf(row: readonly string[]): MatchRecord {
  const cell = (column: (typeof peopleColumns)[number]) => row[peopleColumns.indexOf(column)]!;
  return {
    fields: {
      givenName: cell("given_name"),
      familyName: cell("family_name"),
      birthDate: cell("dob"),
      gender: cell("gender") as "male",
      postcode: cell("postcode"),
      addressLine1: cell("address1"),
      phone: cell("phone"),
      nhsNumber: cell("nhs_number"),
    },
  };
}

/** Which places are together, whatever their cluster goes by. */
function partition(labels: readonly (string | number)[]): number[] {
  const first = new Map<string | number, number>();
  return labels.map((label, place) => {
    if (!first.has(label)) first.set(label, place);
    return first.get(label)!;
  });
}
