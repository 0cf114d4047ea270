// Who a statement is about: certain answers by local identifier or by NHS number, new or old, and nobody by guess.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ErpPatient } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import { newId } from "#kernel/ids";
import { type ErpSearch, findPerson } from "../../src/services/demographics/find.ts";
import type { KnownFields } from "../../src/services/demographics/person.ts";
import { type Keeping, keepPersons } from "../../src/services/demographics/store.ts";
import { type TestDatabase, testDatabase } from "../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const OLD = "4010232137";
const NEW = "4010232145";
const OTHER = "4010232153";
const birthDate = "1980-02-03";
const known = (values: PersonChanges): KnownFields =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [field, { value, at: 1, source: "test" }]));
const inErp: ErpPatient[] = [];
const erp: ErpSearch = {
  findByIdentifier: async ({ mrn }) => inErp.filter(({ values }) => values.mrn === mrn),
  findByNhsNumber: async ({ nhsNumber }) => inErp.filter(({ values }) => values.nhsNumber === nhsNumber),
};
const find = (mrn: string, fields: PersonChanges = {}) =>
  findPerson(database.db, erp, { identifiers: [{ system: "t", value: mrn }], fields }, { traceparent: "" });

/** A person known by `mrn`, with the numbers it has had, the last of them current. */
async function person(mrn: string, values: PersonChanges, ...numbers: string[]): Promise<string> {
  const id = newId();
  const current = numbers.at(-1);
  const base: Keeping = {
    id,
    version: undefined,
    fields: known({ ...values, ...(current ? { nhsNumber: current } : {}) }),
    refused: {},
    restricted: false,
    newKeys: [`T:${mrn}`],
  };
  const keep = (row: Keeping) => database.db.transaction((tx) => keepPersons(tx, [row]));
  await keep({ ...base, ...(numbers[0] ? { number: { value: numbers[0], status: "01" } } : {}) });
  for (const [index, value] of numbers.slice(1).entries())
    await keep({ ...base, version: index + 1, newKeys: [], number: { value, status: "01", replaces: numbers[index] } });
  return id;
}

describe("finding a person", () => {
  test("by the number that was replaced, and by the one that replaced it, leads to one person", async () => {
    const id = await person("A", { birthDate }, OLD, NEW);
    expect(await find("X1", { nhsNumber: NEW, birthDate })).toMatchObject({
      person: { id },
      by: "MT-100",
      newKeys: ["T:X1"],
    });
    expect(await find("X2", { nhsNumber: OLD, birthDate })).toMatchObject({ person: { id }, by: "MT-102" });
    expect(await find("A", { nhsNumber: OLD, birthDate })).toMatchObject({
      person: { id },
      by: "local-identifier",
      newKeys: [],
    });
  });

  test.each([
    [
      "with another date of birth is left to a person",
      { nhsNumber: OLD, birthDate: "1990-01-01" },
      "PERSON_AMBIGUOUS",
      "DQ-NHS-012",
    ],
    ["without a date of birth is left to a person", { nhsNumber: NEW }, "PERSON_AMBIGUOUS", "DQ-NHS-012"],
    [
      "with no more of a date of birth than the year is left to a person",
      { nhsNumber: NEW, birthDate: "1980" },
      "PERSON_AMBIGUOUS",
      "DQ-NHS-012",
    ],
  ] as const)("by number %s", async (_, fields, code, reason) => {
    await expect(find("X3", fields)).rejects.toMatchObject({ code, reason });
  });

  test("by number alone, where neither side tells a date of birth, is left to a person", async () => {
    await person("N", { familyName: "Ash" }, "4010232218");
    await expect(find("X6", { nhsNumber: "4010232218" })).rejects.toMatchObject({ code: "PERSON_AMBIGUOUS" });
  });

  test.each([
    ["a twin of another given name", { familyName: "Okon", givenName: "Adanna" }, "MT-203"],
    ["the person in other letters", { familyName: "OKON", givenName: "ADAEZE" }, undefined],
    ["the person with the names swapped", { familyName: "Adaeze", givenName: "Okon" }, undefined],
    ["the person with another family name", { familyName: "Marsh", givenName: "Adaeze" }, undefined],
    ["the person without a given name", { familyName: "Okon" }, undefined],
  ] as const)(
    "by number and date of birth, named as %s, is left to a person if it could be a twin",
    async (...[, names, reason]) => {
      const number = "4010232226";
      if (!(await find("T", {}).then(({ by }) => by === "local-identifier")))
        await person("T", { birthDate, familyName: "Okon", givenName: "Adaeze" }, number);
      const found = find("X7", { nhsNumber: number, birthDate, ...names });
      if (reason) await expect(found).rejects.toMatchObject({ code: "PERSON_AMBIGUOUS", reason });
      else expect(await found).toMatchObject({ by: "MT-100" });
    },
  );

  test("by number never goes by the number alone, whatever its status", async () => {
    const statuses = ["01", "02", "03", "04", "05", "06", "07", "08"] as const;
    const numberOf = (index: number) => `60000000${String(index).padStart(2, "0")}`;
    for (const [index, status] of statuses.entries())
      await database.db.transaction((tx) =>
        keepPersons(tx, [
          {
            id: newId(),
            version: undefined,
            fields: known({ birthDate, familyName: "Marsh", givenName: "Ida", nhsNumber: numberOf(index) }),
            refused: {},
            restricted: false,
            newKeys: [],
            number: { value: numberOf(index), status },
          },
        ]),
      );
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: statuses.length - 1 }),
        fc.constantFrom(birthDate, "1980-02-04", "1980-02", "1980", null, undefined),
        fc.constantFrom("Ida", "IDA", "Eda", "I", null, undefined),
        fc.constantFrom("Marsh", "Reed", undefined),
        async (index, born, givenName, familyName) => {
          const said = { nhsNumber: numberOf(index), birthDate: born, givenName, familyName };
          const fields = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
          const isCertain = born === birthDate && (!givenName || givenName.toUpperCase() === "IDA");
          const found = await find("U", fields).then(
            ({ by }) => by,
            ({ code }) => code as string,
          );
          expect(found).toBe(isCertain ? "MT-100" : "PERSON_AMBIGUOUS");
        },
      ),
      { numRuns: 120 },
    );
  });

  test("by a local identifier that comes with an unrelated number is left to a person", async () => {
    await person("B", { birthDate }, OTHER);
    await expect(find("B", { nhsNumber: NEW, birthDate })).rejects.toMatchObject({
      code: "PERSON_CONFLICT",
      reason: "DQ-NHS-011",
    });
    await expect(find("B", { nhsNumber: "4010232161", birthDate })).rejects.toMatchObject({
      code: "PERSON_CONFLICT",
      reason: "MT-210",
    });
  });

  test("by a number that was taken back finds nobody", async () => {
    const number = "4010232188";
    const id = await person("C", { birthDate }, number);
    await database.db.query({
      text: "update demographics.nhs_number set unlinked_at = now(), current = false where person_id = $1",
      values: [id],
    });
    expect(await find("X4", { nhsNumber: number, birthDate })).toMatchObject({ by: "MT-300" });
  });

  test("in the ERP takes a record over, and leaves two of one number to a person", async () => {
    const held = (externalId: string, mrn: string): ErpPatient => ({
      externalId,
      version: "1",
      modifiedAt: 1,
      values: { mrn, nhsNumber: "4010232196", birthDate },
    });
    inErp.push(held("e1", "E1"));
    expect(await find("X5", { nhsNumber: "4010232196", birthDate })).toMatchObject({
      inErp: { externalId: "e1" },
      by: "MT-100",
    });
    inErp.push(held("e2", "E2"));
    await expect(find("X5", { nhsNumber: "4010232196", birthDate })).rejects.toMatchObject({ reason: "DQ-NHS-011" });
    expect(await find("E2")).toMatchObject({ inErp: { externalId: "e2" }, by: "local-identifier" });
  });
});
