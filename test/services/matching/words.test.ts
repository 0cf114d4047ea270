// Every level that a model knows, and every code, has words for a steward.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type MatchCode, type Model, matchCodes } from "#services/matching";
import * as levels from "../../../src/services/matching/levels.ts";
import { sentenceOf, wordsOf } from "../../../src/services/matching/words.ts";

const models = ["uk", "generic"].map(
  (name) => JSON.parse(readFileSync(`resources/matching/${name}.json`, "utf8")) as Model,
);
const cells = (table: Readonly<Record<string, Readonly<Record<string, string>>>>) =>
  Object.values(table).flatMap((row) => Object.values(row));
const known: readonly (readonly [string, readonly string[]])[] = [
  ["name", [...cells(levels.nameCells), "swapped"]],
  ["birthDate", levels.birthDateLevels],
  ["gender", levels.genderLevels],
  ["household", cells(levels.householdCells)],
  ["nhsNumber", levels.nhsNumberLevels],
  ["email", levels.emailLevels],
  ["passport", [...new Set([...levels.textLevels, ...levels.identifierLevels])]],
];

describe("each level", () => {
  test.each(known)("of %s has words of its own", (comparison, all) => {
    const said = all.map((level) => wordsOf(comparison, level));
    expect(said.filter((words) => words.includes("compares as"))).toEqual([]);
    expect(said.filter((words) => !/^[A-Z][^.]*[^.\s]$/.test(words))).toEqual([]);
    expect(new Set(said).size).toBe(all.length);
  });

  test.each(models)("that a model knows is among them", ({ comparisons, extra }) => {
    const tables = [
      ...Object.entries(comparisons),
      ...Object.values(extra).map((table) => ["passport", table] as const),
    ];
    for (const [comparison, table] of tables)
      for (const level of Object.keys(table)) expect(wordsOf(comparison, level)).not.toContain("compares as");
  });
});

test("a level that nobody knows is named as it is, so that a waterfall is never without a line", () => {
  expect(wordsOf("birthDate", "odd")).toBe("BirthDate compares as odd");
});

test("every code has a sentence of its own that does not only repeat its line", () => {
  const codes = Object.keys(matchCodes) as MatchCode[];
  const said = codes.map(sentenceOf);
  expect(new Set(said).size).toBe(codes.length);
  for (const [index, code] of codes.entries()) {
    expect(said[index]).toMatch(/^[A-Z].+\.$/);
    expect(said[index]).not.toBe(matchCodes[code]);
  }
});
