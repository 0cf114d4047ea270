// The rules against persons that others, or a generator, wrote down. Read from beside the project, where they lie.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PersonTexts } from "#canonical/model";
import { checkPerson, judgeNhsNumber, readDate, readPostcode } from "#canonical/rules";
import { options, sent } from "./reason-code-cases.ts";

const data = join(process.env.LOCKGATE_SHARED ?? "../shared", "data");
const generated = join(data, "linkage/uk_synth_dev/persons100k_seed43_d1.csv");
const queries = join(data, "linkage/dfe_sui/sui_batch_search_queries.csv");
const national = join(data, "nhs/pds-examples/sandbox-stubs/patientResponses");

const rowsOf = (file: string): string[][] =>
  readFileSync(file, "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(","));
const codesOf = (texts: PersonTexts): string[] => checkPerson(sent(texts), options).findings.map(({ code }) => code);

describe.skipIf(!existsSync(generated))(`generated UK persons (${generated}, or LOCKGATE_SHARED)`, () => {
  const rows = rowsOf(generated);
  const column = (index: number): string[] => rows.map((row) => row[index] ?? "").filter((text) => text !== "");
  const postcodes = new Set(column(6));

  it("have NHS numbers that are taken in a test environment, or have a wrong check digit, and are never taken live", () => {
    const wrong = [...new Set(column(9))].filter((number) => {
      const { value, codes } = judgeNhsNumber(number, "test");
      const isJudged = value === undefined ? codes.join() === "DQ-NHS-003" : value === number;
      return !isJudged || judgeNhsNumber(number, "live").value !== undefined;
    });
    expect(wrong).toEqual([]);
  });

  it("have dates that are read as they stand", () => {
    expect([...new Set(column(4))].filter((date) => readDate(date) !== date)).toEqual([]);
  });

  it("have postcodes with letters left out or added, hardly any of which are taken for look-alikes", () => {
    const kinds = Map.groupBy(postcodes, (code) => readPostcode(code).kind);
    expect(kinds.get("malformed")?.length).toBeGreaterThan(400);
    expect(kinds.get("repaired")?.length).toBeLessThan(5);
  });

  it("have postcodes that one look-alike never turns into another by repair, and that nearly all come back", () => {
    const alike: Record<string, string> = { O: "0", "0": "O", I: "1", "1": "I", S: "5", "5": "S" };
    const damaged = [...postcodes]
      .filter((code) => readPostcode(code).kind === "valid")
      .flatMap((code) => [...code].map((letter, at) => [code, letter, at] as const))
      .filter(([, letter]) => alike[letter] !== undefined)
      .map(([code, letter, at]) => [code, code.slice(0, at) + alike[letter] + code.slice(at + 1)] as const);
    const read = damaged.map(([code, text]) => ({ code, ...readPostcode(text) }));
    const repaired = read.filter(({ kind }) => kind === "repaired");
    expect(repaired.filter(({ code, value }) => value.replace(" ", "") !== code.replace(/\s/g, ""))).toEqual([]);
    expect(repaired.length / damaged.length).toBeGreaterThan(0.95);
  });
});

describe.skipIf(!existsSync(queries))(`published search queries (${queries}, or LOCKGATE_SHARED)`, () => {
  it("have names and postcodes in which nothing is found", () => {
    const wellFormed = rowsOf(queries).filter(([, , , gender]) => gender === "Male" || gender === "Female");
    expect(wellFormed.length).toBeGreaterThan(800);
    for (const [, familyName = "", givenName = "", gender = "", postcode = ""] of wellFormed) {
      const found = codesOf({ familyName, givenName, gender, postcode });
      expect(found.filter((code) => !/^DQ-(?:NHS-001|DOB-001|ADR-001)$/.test(code))).toEqual([]);
    }
  });
});

describe.skipIf(!existsSync(national))(`published national records (${national}, or LOCKGATE_SHARED)`, () => {
  it("hold nothing that is refused", () => {
    const files = readdirSync(national).filter((name) => name.endsWith(".json"));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const { id, name, birthDate, gender, address } = JSON.parse(readFileSync(join(national, file), "utf8"));
      const texts = {
        nhsNumber: id,
        familyName: name?.[0]?.family,
        givenName: name?.[0]?.given?.[0],
        birthDate,
        gender,
        postcode: address?.[0]?.postalCode,
      };
      const { findings } = checkPerson(sent(JSON.parse(JSON.stringify(texts))), options);
      expect(findings.filter(({ severity }) => severity === "reject" || severity === "reject-field")).toEqual([]);
    }
  });
});
