// What any ERP's patients must promise. Give it a way to open a fresh ERP whose faults can be called for; it does the rest.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ErpPatient, ErpPatients, NewPatientValues, PatientValues } from "#canonical/contracts";
import { newId } from "#kernel/ids";
import { erpFaultContract } from "./erp-faults.ts";
import { erpRecordContract } from "./erp-records.ts";
import { callsOf, codeOf, context, failure, type RecordsUnderTest } from "./erp-under-test.ts";

/** The patients of an ERP under test. */
export type PatientsUnderTest = RecordsUnderTest<NewPatientValues, PatientValues, ErpPatient, ErpPatients>;

const authority = "RXX";

/** The number of the last new patient. */
let serial = 0;
/** A patient with a local number of its own and little else. */
export const newPatient = (more: Partial<NewPatientValues> = {}): NewPatientValues => {
  serial += 1;
  return { mrn: `CT${serial}`, mrnAuthority: authority, familyName: "Thackeray", givenName: "Iris", ...more };
};

/** Every field, each with a value that some wire or form could damage. */
const fullValues = (): NewPatientValues => ({
  ...newPatient(),
  nhsNumber: "9990001234",
  nhsNumberStatus: "01",
  title: "Mrs",
  familyName: "O'Brien-Ștefănescu",
  givenName: "Zoë & <Łucja>",
  middleNames: 'Ana "Nia" Þóra',
  birthDate: "1980-02-29",
  gender: "female",
  addressLine1: "Flat 2; 1/3 St. John's | Road (rear) * 50% + tax = #1",
  addressLine2: "Tŷ Gwyn, 北区 🏥",
  town: "Ynysybŵl",
  county: "Rhondda Cynon Taf",
  postcode: "ZZ9 9ZZ",
  country: "GB",
  phone: "+441632960111",
  email: "iris+nhs@patients.example",
  gpPracticeCode: "ZZ9001",
  deceased: true,
  deathDate: "2026-01-31",
});

async function all(patients: AsyncIterable<ErpPatient>): Promise<ErpPatient[]> {
  const seen: ErpPatient[] = [];
  for await (const patient of patients) seen.push(patient);
  return seen;
}

/** Registers the suite for one kind of ERP. */
export function erpContract(kind: string, prepare: () => Promise<PatientsUnderTest>): void {
  describe(`the patients of ${kind}`, () => {
    let erp: PatientsUnderTest;
    let patients: ErpPatients;
    beforeEach(async () => {
      erp = await prepare();
      patients = erp.port;
    });
    afterEach(() => erp.close());

    const { create, update, read } = callsOf(() => erp);

    test("a created patient is read back with every value as it was written", async () => {
      const values = fullValues();
      const created = await patients.create(values, "key-full", context());
      expect(created.values).toMatchObject(values);
      expect(created.idempotencyKey ?? "key-full").toBe("key-full");
      expect(await read(created)).toEqual(created);
    });

    test("values that were not given are blank, and blank is null", async () => {
      const { values } = await create();
      expect(values).toMatchObject({ title: null, birthDate: null, gender: null, postcode: null, mergedIntoId: null });
    });

    test("an update changes the fields it names, blanks those it names with null, and leaves the rest", async () => {
      const created = await patients.create(fullValues(), newId(), context());
      const updated = await update(created, { familyName: "Quill", title: null, birthDate: null, gender: null });
      const expected = { ...created.values, familyName: "Quill", title: null, birthDate: null, gender: null };
      expect(updated.values).toEqual(expected);
      expect((await read(created))?.values).toEqual(expected);
    });

    test("a local number that a patient has is refused for another, in whatever case", async () => {
      const created = await create({ mrn: "twin-1" });
      const other = await create();
      expect(await codeOf(create({ mrn: "TWIN-1" }))).toBe("ERP_DUPLICATE_KEY");
      expect(await codeOf(update(other, { mrn: "Twin-1" }))).toBe("ERP_DUPLICATE_KEY");
      expect(await patients.findByIdentifier({ mrn: "tWIN-1", authority }, context())).toEqual([created]);
    });

    test("a local number finds its patient whatever its characters mean to the ERP", async () => {
      for (const mrn of ["A'B/1", "1..2", "A|B", "A*", "(X) & Y", "50%", "#7?"]) {
        const created = await create({ mrn });
        expect(await patients.findByIdentifier({ mrn, authority }, context())).toEqual([created]);
      }
      expect(await patients.findByIdentifier({ mrn: "A?B/1", authority }, context())).toEqual([]);
      expect(await patients.findByIdentifier({ mrn: "9".repeat(200), authority }, context())).toEqual([]);
      expect(await patients.findByIdentifier({ mrn: "A|B", authority: "ELSE" }, context())).toEqual([]);
    });

    test("an NHS number finds its patients, those of another birth date left out and those of none kept", async () => {
      const nhsNumber = "9990009999";
      const born = await create({ nhsNumber, birthDate: "1980-01-02" });
      const unknown = await create({ nhsNumber });
      const other = await create({ nhsNumber, birthDate: "1980-02-01" });
      for (let index = 0; index < 9; index += 1) await create({ nhsNumber: "9990005555" });
      const find = async (birthDate?: string) => {
        const found = await patients.findByNhsNumber({ nhsNumber, ...(birthDate ? { birthDate } : {}) }, context());
        return found.map(({ externalId }) => externalId).sort();
      };
      expect(await find()).toEqual([born, unknown, other].map(({ externalId }) => externalId).sort());
      expect(await find("1980-01-02")).toEqual([born, unknown].map(({ externalId }) => externalId).sort());
      expect(await patients.findByNhsNumber({ nhsNumber: "9990008888" }, context())).toEqual([]);
      expect(await patients.findByNhsNumber({ nhsNumber: "9990005555" }, context())).toHaveLength(9);
    });

    test("a merged patient names the one it was merged into and is still found", async () => {
      const survivor = await create();
      const retired = await create({ nhsNumber: "9990007777" });
      const merged = await update(retired, { mergedIntoId: survivor.externalId });
      expect(merged.values.mergedIntoId).toBe(survivor.externalId);
      expect(await read(retired)).toEqual(merged);
      expect(await patients.findByNhsNumber({ nhsNumber: "9990007777" }, context())).toEqual([merged]);
      const parted = await update(merged, { mergedIntoId: null });
      expect(parted.values.mergedIntoId).toBeNull();
    });

    test("a merge into a patient the ERP does not know is refused at that field", async () => {
      const retired = await create();
      expect(await failure(update(retired, { mergedIntoId: newId() }))).toMatchObject({
        code: "ERP_REFUSED",
        at: "mergedIntoId",
      });
    });

    const unholdable: readonly (readonly [keyof PatientValues, string])[] = [
      ["familyName", "x".repeat(51)],
      ["mrn", "9".repeat(31)],
      ["email", `${"x".repeat(80)}@patients.example`],
      ["givenName", "a\u0002b"],
      ["givenName", "half \ud83c"],
      ["town", "trailing "],
      ["town", ""],
      ["birthDate", "1980-02-30"],
      ["birthDate", "1980"],
    ];
    test.each(unholdable)(
      "a value the ERP cannot hold unchanged is refused at its field and never cut: %s",
      async (field, value) => {
        const created = await create();
        const before = (await erp.changes()).length;
        for (const work of [create({ [field]: value }), update(created, { [field]: value } as PatientValues)]) {
          const error = await failure(work);
          expect(error).toMatchObject({ code: "ERP_REFUSED", at: field });
          expect(JSON.stringify([error.message, error.reason])).not.toContain("xxx");
        }
        expect((await erp.changes()).length).toBe(before);
      },
    );

    test("a listing holds every patient once, in cursor order, and goes on after any of them", async () => {
      for (let index = 0; index < 25; index += 1) await create();
      const listed = await all(patients.list(undefined, context()));
      expect(new Set(listed.map(({ externalId }) => externalId)).size).toBe(listed.length);
      expect(listed.length).toBeGreaterThanOrEqual(25);
      const ordered = listed.toSorted((a, b) => a.modifiedAt - b.modifiedAt || (a.externalId < b.externalId ? -1 : 1));
      expect(listed).toEqual(ordered);
      for (const index of [0, 3, 14, listed.length - 1]) {
        expect(await all(patients.list(listed[index], context()))).toEqual(listed.slice(index + 1));
      }
    });

    test("a patient changed while the listing runs is not left out, nor is any other", async () => {
      const made: ErpPatient[] = [];
      for (let index = 0; index < 12; index += 1) made.push(await create());
      const seen = new Set<string>();
      let changed = 0;
      for await (const patient of patients.list(undefined, context())) {
        seen.add(patient.externalId);
        if (changed < made.length) await update(made[changed++]!, { town: "Stonebeck" });
      }
      expect(made.filter(({ externalId }) => !seen.has(externalId))).toEqual([]);
    });

    erpRecordContract(() => erp);
    erpFaultContract(() => erp);
  });
}
