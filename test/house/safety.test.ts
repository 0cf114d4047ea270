// Holds the safety table to the tests it names: a control whose test is gone is no control.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Controls, readControls, safetyPage } from "../../scripts/docs/safety-page.ts";
import { type Node, readSources, type Source, treeOf, visit } from "./sources.ts";

const TEST_WORDS = new Set(["test", "it"]);

/** The word that a call begins with: `it` of `it(…)`, `it.each(…)(…)` and `it.skipIf(…)(…)`. */
function callee(node: Node): string | undefined {
  for (let at: unknown = node; ; ) {
    const { type, name, callee: called, object, tag } = at as Record<string, unknown>;
    if (type === "Identifier") return name as string;
    at = called ?? object ?? tag;
    if (at === undefined) return undefined;
  }
}

/** The names of a file's tests, as written: `%s` and `$name` stand where a table fills them in. */
function testNames(source: Source): Set<string> {
  const names = new Set<string>();
  visit(treeOf(source), (node) => {
    if (node.type !== "CallExpression" || !TEST_WORDS.has(callee(node) ?? "")) return;
    const [first] = node.arguments as Node[];
    if (first?.type === "Literal" && typeof first.value === "string") names.add(first.value);
  });
  return names;
}

type Sources = ReadonlyMap<string, Source>;

/** What the table names and is not there. */
function missing({ hazards, requirements }: Controls, sources: Sources): string[] {
  const named = [...hazards, ...requirements].flatMap(({ controls }) => controls.flatMap(({ shownBy }) => shownBy));
  return named
    .filter(({ file, test: name }) => {
      const source = sources.get(file);
      return !source || !testNames(source).has(name);
    })
    .map(({ file, test: name }) => `${file}: ${name}`);
}

const sources: Sources = new Map(readSources().map((source) => [source.path, source]));
const controls = readControls();

test("every test that the safety table names is there", () => {
  expect(missing(controls, sources)).toEqual([]);
});

test("the table covers every hazard and requirement of demographic verification", () => {
  expect(controls.hazards.map(({ id }) => id)).toEqual(["H01", "H02", "H03", "H04", "H05", "H14"]);
  expect(controls.requirements.map(({ row }) => row)).toEqual([10, 14, 30, 32, 33]);
});

test("a test that is gone, or renamed, is missed", () => {
  const path = "test/example.test.ts";
  const example = new Map([
    [path, { path, text: 'it("keeps its word", () => {}); it.each([1])("counts %s", () => {});' }],
  ]);
  const naming = (name: string, file = path): Controls => ({
    hazards: [],
    requirements: [
      { row: 1, requirement: "r", controls: [{ control: "c", type: "design", shownBy: [{ file, test: name }] }] },
    ],
  });
  expect(missing(naming("keeps its word"), example)).toEqual([]);
  expect(missing(naming("counts %s"), example)).toEqual([]);
  expect(missing(naming("kept its word"), example)).toHaveLength(1);
  expect(missing(naming("keeps its word", "test/gone.test.ts"), example)).toHaveLength(1);
});

test("docs/safety/README.md is what scripts/print-docs.ts prints", () => {
  expect(readFileSync("docs/safety/README.md", "utf8")).toBe(safetyPage());
});
