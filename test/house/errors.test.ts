// Holds docs/errors.md to the error table in both directions, and the table to the code: no code is dead, none is unknown.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errorTable } from "#kernel/errors";
import { errorAdvice } from "../../scripts/docs/error-advice.ts";
import { errorsPage } from "../../scripts/docs/errors-page.ts";
import {
  isCode,
  lineAt,
  type Node,
  readSources,
  type Source,
  stringsOf,
  treeOf,
  type Violation,
  visit,
} from "./sources.ts";

const TABLE = "src/kernel/error-table.ts";
const codes = Object.keys(errorTable);
const sources = readSources();
const page = readFileSync("docs/errors.md", "utf8");

/** Rows of a printed table, by the code in their first cell. */
const rowsOf = (text: string): Map<string, string[]> =>
  new Map(
    [...text.matchAll(/^\| `([A-Z0-9_]+)` \|(.*)\|$/gm)].map(([, code = "", cells = ""]) => [
      code,
      cells.split(/(?<!\\)\|/).map((cell) => cell.trim()),
    ]),
  );

describe("docs/errors.md", () => {
  const rows = rowsOf(page);

  test("names every code of the table and no other", () => {
    expect(rows.size).toBeGreaterThan(60);
    expect([...rows.keys()].toSorted()).toEqual(codes.toSorted());
  });

  test.each(Object.entries(errorTable))(
    "says of %s what the table says",
    (code, { disposition, http, ack, hl7, text }) => {
      expect(rows.get(code)?.slice(0, 5)).toEqual([
        disposition,
        String(http),
        ack,
        String(hl7),
        text.replaceAll("|", "\\|"),
      ]);
    },
  );

  test("tells a person what to do about every code", () => {
    expect(codes.filter((code) => !Object.hasOwn(errorAdvice, code))).toEqual([]);
  });

  test("is what scripts/print-docs.ts prints", () => {
    expect(page).toBe(errorsPage());
  });
});

/** Where a literal only asks which code it was: a comparison, a case, a set of codes, a type. */
const asks = (ancestors: readonly Node[]): boolean => {
  const [parent, above] = [ancestors.at(-1), ancestors.at(-2)];
  const inSet = parent?.type === "ArrayExpression" && above?.type === "NewExpression";
  return inSet || /^(BinaryExpression|SwitchCase|TSLiteralType)$/.test(parent?.type ?? "");
};

/** The product and the sites' code, which throws by the same table. */
const isProduct = (source: Source): boolean => /^(src|integrations)\//.test(source.path) && isCode(source);

/** The codes that the product can raise: literals outside the table that do more than ask. */
function raised(files: readonly Source[]): Set<string> {
  const product = files.filter((source) => isProduct(source) && source.path !== TABLE);
  return new Set(
    product.flatMap((source) =>
      stringsOf(source)
        .filter(({ ancestors }) => !asks(ancestors))
        .map(({ text }) => text),
    ),
  );
}

/** Codes that are thrown, or promised by an `@throws`, and are not in the table. */
function unknownCodes(files: readonly Source[], known: readonly string[]): Violation[] {
  return files.filter(isProduct).flatMap((source) => {
    const found: Violation[] = [];
    const note = (code: string, offset: number): void => {
      if (!known.includes(code))
        found.push({ path: source.path, line: lineAt(source, offset), what: `unknown code ${code}` });
    };
    visit(treeOf(source), ({ type, callee, arguments: given }) => {
      if (type !== "NewExpression" || (callee as Node).name !== "LockgateError") return;
      const [first] = given as Node[];
      if (first?.type === "Literal") note(String(first.value), first.start);
    });
    for (const promise of source.text.matchAll(/@throws ([A-Z0-9_, or]+)/g)) {
      for (const code of (promise[1] ?? "").match(/\b[A-Z0-9]+_[A-Z0-9_]+\b/g) ?? []) note(code, promise.index);
    }
    return found;
  });
}

describe("the table", () => {
  const file = (text: string): Source => ({ path: "src/kernel/a.ts", text });

  test.each([
    ["a comparison", 'if (code === "HL7_EMPTY") run();'],
    ["a set of codes", 'const some = new Set(["HL7_EMPTY"]);'],
    ["a case", 'switch (code) { case "HL7_EMPTY": run(); }'],
    ["a type", 'type Some = "HL7_EMPTY";'],
    ["a comment", "// HL7_EMPTY"],
  ])("would find a code dead that stands only in %s", (_where, text) => {
    expect(raised([file(text)])).not.toContain("HL7_EMPTY");
  });

  test.each([
    ["thrown", 'throw new LockgateError("HL7_EMPTY");'],
    ["given by a map of statuses", 'const codes = { 404: "HL7_EMPTY" };'],
    ["chosen by a condition", 'throw fault(is ? "HL7_EMPTY" : other);'],
  ])("would find a code alive that is %s", (_how, text) => {
    expect(raised([file(text)])).toContain("HL7_EMPTY");
  });

  test.each([
    ["thrown", 'throw new LockgateError("NO_SUCH");'],
    ["promised", "/** @throws NO_SUCH when it fails */ export const x = 1;"],
    ["promised second", "/** @throws HL7_EMPTY or NO_SUCH */ export const x = 1;"],
  ])("would find a code unknown that is %s", (_how, text) => {
    expect(unknownCodes([file(text)], codes)).toHaveLength(1);
  });

  test("holds no code that nothing raises", () => {
    const alive = raised(sources);
    expect(codes.filter((code) => !alive.has(code))).toEqual([]);
  });

  test("holds every code that is thrown or promised", () => {
    expect(unknownCodes(sources, codes)).toEqual([]);
  });
});
