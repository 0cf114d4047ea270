// All rules over one person: nothing is blanked by mistake, nothing throws, what was sent is kept.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PersonField, type PersonTexts, personFields } from "#canonical/model";
import { checkPerson, cleanText, type SentPerson } from "#canonical/rules";
import { options, recordCases, sent, sound } from "./reason-code-cases.ts";

const codesOf = (person: SentPerson, by = options) => checkPerson(person, by).findings.map(({ code }) => code);
const without = (field: PersonField): PersonTexts =>
  Object.fromEntries(Object.entries(sound).filter(([key]) => key !== field));

describe("checking a person", () => {
  it("finds nothing in a sound person, whose texts are all stored as sent", () => {
    const { fields, raw, findings } = checkPerson(sent(sound), options);
    expect(findings).toEqual([]);
    expect(raw).toEqual({});
    expect(fields).toEqual({ ...sound, deceased: false });
  });

  it("never blanks a field because its text is bad", () => {
    for (const { texts } of Object.values(recordCases).map(({ found }) => found)) {
      const { fields } = checkPerson(sent({ ...sound, ...texts }), options);
      const blanked = Object.entries(fields).filter(([, value]) => value === null);
      expect(blanked.map(([field]) => field)).toEqual(
        Object.entries(texts)
          .filter(([, text]) => text === null)
          .map(([field]) => field),
      );
    }
  });

  it("keeps absent, removed and blank apart", () => {
    const { fields, raw } = checkPerson(sent({ ...without("town"), county: null, addressLine2: "  " }), options);
    expect("town" in fields).toBe(false);
    expect(fields.county).toBeNull();
    expect("addressLine2" in fields).toBe(false);
    expect(raw).toEqual({});
  });

  it("keeps what was sent beside what is stored, where they differ", () => {
    const { fields, raw } = checkPerson(sent({ ...sound, postcode: "s014 1ax", nhsNumber: "123" }), options);
    expect(fields.postcode).toBe("SO14 1AX");
    expect(raw).toEqual({ postcode: "s014 1ax", nhsNumber: "123", nhsNumberStatus: "01" });
  });

  it("drops the status of a number it did not take", () => {
    const { fields } = checkPerson(sent({ ...sound, nhsNumber: "123" }), options);
    expect("nhsNumberStatus" in fields || "nhsNumber" in fields).toBe(false);
  });

  it("takes a death date without a flag as death", () => {
    const { fields } = checkPerson(sent({ ...without("deceased"), deathDate: "2026-07-01" }), options);
    expect(fields.deceased).toBe(true);
  });

  it("asks for review when somebody is admitted after death, and not when their record is corrected", () => {
    const dead = { ...sound, deceased: "Y", deathDate: "2026-07-01" };
    expect(codesOf(sent(dead, "A01"))).toContain("DQ-DTH-001");
    expect(codesOf(sent(dead, "A31"))).not.toContain("DQ-DTH-001");
  });

  it("takes a stillbirth, and a birth just after midnight of summer time", () => {
    expect(codesOf(sent({ ...sound, birthDate: "2026-07-01", deceased: "Y", deathDate: "2026-07-01" }))).toEqual([]);
    const night = { event: "A28", eventAt: "2026-06-14T23:05:00.000Z", texts: { ...sound, birthDate: "2026-06-15" } };
    expect(codesOf(night)).toEqual([]);
  });

  it("does not judge a postcode of another country", () => {
    expect(codesOf(sent({ ...sound, postcode: "1012 AB", country: "Netherlands" }))).toEqual([]);
  });

  it("never throws, and finds the fields it stored unchanged when they are sent again", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom(
        "",
        " ",
        "Mr",
        "Baby",
        "19850412",
        "1985",
        "Y",
        "9",
        "LS1 4AP",
        "S014 1AX",
        "01632 960123",
        "JosÃ©",
        "United Kingdom",
      ),
      fc.constant(null),
    );
    const texts = fc.record(Object.fromEntries(personFields.map((field) => [field, text])), { requiredKeys: [] });
    fc.assert(
      fc.property(texts, (random) => {
        const first = checkPerson(sent(random as PersonTexts), options);
        const again = Object.fromEntries(
          Object.entries(first.fields).map(([field, value]) => [field, value === null ? null : String(value)]),
        );
        const second = checkPerson(sent(again), options);
        expect(second.fields).toEqual(first.fields);
        expect(second.raw).toEqual({});
      }),
      { numRuns: 500 },
    );
  });

  it("keeps every text that was said, as the value or beside it", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("Mr A", "s014 1ax", "M", "1985"),
    );
    const texts = fc.record(Object.fromEntries(personFields.map((field) => [field, text])), { requiredKeys: [] });
    fc.assert(
      fc.property(texts, (random) => {
        const { fields, raw } = checkPerson(sent(random as PersonTexts), options);
        for (const [field, said] of Object.entries(random as Record<PersonField, string>)) {
          if (cleanText(said) === "") continue;
          expect(raw[field as PersonField] ?? String(fields[field as PersonField])).toBe(said);
        }
      }),
    );
  });

  it("never puts a value into a finding", () => {
    const marker = "ZQXJ7";
    const texts = Object.fromEntries(personFields.map((field) => [field, `${marker} ${field}`]));
    expect(JSON.stringify(checkPerson(sent(texts), options).findings)).not.toContain(marker);
  });
});
