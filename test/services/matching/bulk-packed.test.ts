// Holds packed records to what they were packed from: the same levels, the same decisions, whatever is told and missing.

import fc from "fast-check";
import { expect, test } from "vitest";
import { comparer, decidePair, type MatchRecord, preparer, scorer } from "#services/matching";
import { keyHasher } from "../../../src/services/matching/bulk/key-hashes.ts";
import { packedReader, packer } from "../../../src/services/matching/bulk/packed.ts";
import { packedComparer } from "../../../src/services/matching/bulk/packed-compare.ts";
import { eachRow, rowBatches } from "../../../src/services/matching/bulk/rows.ts";
import { type KeyChunk, keyCollector, sharedKeys } from "../../../src/services/matching/bulk/shared-keys.ts";
import { mayMatter } from "../../../src/services/matching/decide-pair.ts";
import { extra, population, rules, uk } from "./rig.ts";

const oneOf = (...texts: string[]) => fc.constantFrom("", ...texts);
const record: fc.Arbitrary<MatchRecord> = fc.record({
  fields: fc.record({
    givenName: oneOf("Jane", "Janie", "J", "Mary Ann", "Maryann", "Ann", "José", "Oliver", "Olivr", "Threlfall"),
    middleNames: oneOf("Ann", "Mary", "Rose"),
    familyName: oneOf("Threlfall", "Threlfal", "Lloyd-Jones", "Jones", "O'Brien", "Jane", "T"),
    birthDate: oneOf(
      "1980-05-23",
      "1980-05-32",
      "1980-05-24",
      "1980-03-25",
      "1980-01-01",
      "1980-05",
      "1980",
      "1958-05-23",
      "1981-01-01",
    ),
    gender: fc.constantFrom("male", "female", "unknown"),
    postcode: oneOf("TA3 7LD", "TA3 7DL", "TA3 7LE", "TA3 8AA", "TA30 7LD", "M1 1AA", "SK7 4BB", "nonsense"),
    addressLine1: oneOf("12 Mill Lane", "12 Mil Lane", "14 Mill Lane", "Rose Cottage", "Rose Cotage", "012 Mill Lane"),
    town: oneOf("Leeds", "Leds", "York"),
    phone: oneOf("01632 960123", "01632 960132", "01632 96012", "01632 960124", "+49 30 1234567"),
    email: oneOf("jane@threlfall.example", "jane@other.example", "janet@threlfall.example"),
    nhsNumber: oneOf("9000001870", "9000001871", "9000014786", "9000001807", "0000000000"),
  }),
  extra: fc.record({
    passport: oneOf("A1", "A2", "B77"),
    suburb: oneOf("Cleveland", "Clevelnd"),
    state: oneOf("wa", "sa"),
  }),
}) as fc.Arbitrary<MatchRecord>;
const shares = {
  given: (part: string) => (part === "JANE" ? 0.02 : 5e-5),
  family: () => 0.001,
  town: () => 0.1,
  extra: () => 0.2,
};

// One batch of many records, each compared with the next: packing one pair at a time would measure the allocator.
const batch = fc.array(record, { minLength: 150, maxLength: 150 });
const batches = { numRuns: 12 };
const places = Array.from({ length: 149 }, (_, place) => place);

test("packed records show the levels that the records show", () => {
  const prepare = preparer({ environment: "test", extra });
  const compare = comparer(extra, shares);
  fc.assert(
    fc.property(batch, (people) => {
      const records = people.map(prepare);
      const pack = packer(extra.length);
      for (const [place, one] of records.entries()) pack.add(`r${place}`, place, one);
      const reader = packedReader([pack.finish()], extra.length);
      const packed = packedComparer(reader, extra, shares);
      for (const place of places) {
        packed.glance(place, place + 1);
        expect(packed.levels()).toEqual(compare(records[place]!, records[place + 1]!));
        expect(reader.idOf(place)).toBe(`r${place}`);
      }
    }),
    batches,
  );
});

test("a pair that does not matter at a glance is neither linked nor asked about, and kept apart by its numbers alone", () => {
  const prepare = preparer({ environment: "test" });
  const weigh = scorer(uk, { population });
  let leftOut = 0;
  fc.assert(
    fc.property(batch, (people) => {
      const pack = packer(0);
      for (const { fields } of people) pack.add("x", 1, prepare({ fields }));
      const packed = packedComparer(packedReader([pack.finish()], 0), [], shares);
      for (const place of places) {
        const seen = packed.glance(place, place + 1);
        if (mayMatter(seen, uk.thresholds.review, weigh)) continue;
        leftOut += 1;
        const { decision, code } = decidePair(packed.levels(), {}, { model: uk, rules, scorer: weigh });
        expect(decision).toBe("none");
        expect(["MT-203", "MT-204", "MT-212"]).not.toContain(code);
        expect(code === "MT-210").toBe(seen.nhsNumber === "differs");
      }
    }),
    batches,
  );
  expect(leftOut).toBeGreaterThan(100);
});

test("a key is shared only when another record that is in has it, or one whose hash is alike", () => {
  const collector = keyCollector();
  const hasher = keyHasher(collector.add);
  for (const [record, key] of ["one", "two", "one", "three", "three"].entries()) {
    hasher.begin(record);
    hasher.take("k", key);
    // Said twice of one record it counts once.
    hasher.take("k", key.slice(0, 1), key.slice(1));
  }
  const slices = collector.finish();
  const recordsOf = (chunks: readonly KeyChunk[]) => chunks.flatMap(({ records }) => [...records]);
  expect(recordsOf(slices.flat()).sort()).toEqual([0, 1, 2, 3, 4]);
  const shared = slices.map((slice) => sharedKeys(slice, (record) => record !== 4));
  expect(recordsOf(shared).sort()).toEqual([0, 2, 3]);
});

test("rows come back as they were written, whatever commas, quotes and line ends stand in them", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r\n", " ", "😀") });
  const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const folder = await mkdtemp(join(tmpdir(), "rows-"));
  const file = join(folder, "rows.csv");
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, fc.constant("end")), { minLength: 1, maxLength: 20 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        async (rows, lineEnd, hasLastEnd) => {
          const lines = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(","));
          await writeFile(file, `\ufeff${lines.join(lineEnd)}${hasLastEnd ? lineEnd : ""}`);
          const read: (readonly string[])[] = [];
          for await (const batch of rowBatches(file, 3, ({ why }) => expect.unreachable(why)))
            eachRow(
              batch,
              (cells) => read.push(cells),
              ({ why }) => expect.unreachable(why),
            );
          expect(read).toEqual(rows);
        },
      ),
      { numRuns: 200 },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
