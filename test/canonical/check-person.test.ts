// All rules over one person: every reason code is reachable, nothing is blanked by mistake, nothing throws.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PersonField, type PersonTexts, personFields, reasonCodes } from "#canonical/model";
import { type CheckOptions, checkPerson, refuses, type SentPerson } from "#canonical/rules";

const options: CheckOptions = { environment: "test", today: "2026-08-01" };
const sound: PersonTexts = {
  nhsNumber: "9990000018",
  nhsNumberStatus: "01",
  title: "Ms",
  familyName: "Example",
  givenName: "Brónagh",
  middleNames: "Anne",
  birthDate: "1985-04-12",
  gender: "female",
  addressLine1: "1 Test Lane",
  addressLine2: "Flat 2",
  town: "Sampleton",
  county: "Testshire",
  postcode: "LS1 4AP",
  country: "GBR",
  phone: "+441632960123",
  email: "bronagh@example.org",
  gpPracticeCode: "A99901",
  deceased: "false",
};
const sent = (texts: PersonTexts, event = "A31"): SentPerson => ({ event, eventAt: "2026-07-31T12:00:00.000Z", texts });
const codesOf = (person: SentPerson, by = options) => checkPerson(person, by).findings.map(({ code }) => code);
const without = (field: PersonField): PersonTexts =>
  Object.fromEntries(Object.entries(sound).filter(([key]) => key !== field));

/** For each code that one record is enough for: texts laid over the sound person, and what else it takes. */
const reached: Record<string, { texts: PersonTexts; event?: string; live?: boolean; field: PersonField }> = {
  "DQ-NHS-001": { texts: { nhsNumber: null }, field: "nhsNumber" },
  "DQ-NHS-002": { texts: { nhsNumber: "12345" }, field: "nhsNumber" },
  "DQ-NHS-003": { texts: { nhsNumber: "9990000019" }, field: "nhsNumber" },
  "DQ-NHS-004": { texts: { nhsNumber: "2222222222" }, field: "nhsNumber" },
  "DQ-NHS-005": { texts: { nhsNumber: "5000000005" }, field: "nhsNumber" },
  "DQ-NHS-006": { texts: {}, live: true, field: "nhsNumber" },
  "DQ-NHS-007": { texts: { nhsNumber: "0101000006" }, field: "nhsNumber" },
  "DQ-NHS-008": { texts: { nhsNumber: "3200000007" }, field: "nhsNumber" },
  "DQ-DOB-001": { texts: { birthDate: null }, field: "birthDate" },
  "DQ-DOB-002": { texts: { birthDate: "1985-02-30" }, field: "birthDate" },
  "DQ-DOB-003": { texts: { birthDate: "2026-08-02" }, field: "birthDate" },
  "DQ-DOB-004": { texts: { birthDate: "1800-01-01" }, field: "birthDate" },
  "DQ-DOB-005": { texts: { birthDate: "1902-03-04" }, field: "birthDate" },
  "DQ-DOB-006": { texts: { birthDate: "1970-01-01" }, field: "birthDate" },
  "DQ-DOB-007": { texts: { birthDate: "1985" }, field: "birthDate" },
  "DQ-DOB-008": { texts: { birthDate: "1985-04-12", deceased: "Y", deathDate: "1985-04-11" }, field: "birthDate" },
  "DQ-NAM-001": { texts: { familyName: null }, field: "familyName" },
  "DQ-NAM-002": { texts: { givenName: null }, field: "givenName" },
  "DQ-NAM-003": { texts: { givenName: "Twin 1" }, field: "givenName" },
  "DQ-NAM-004": { texts: { givenName: "JosÃ©" }, field: "givenName" },
  "DQ-NAM-005": { texts: { familyName: "Mrs Example" }, field: "familyName" },
  "DQ-NAM-006": { texts: { givenName: "B" }, field: "givenName" },
  "DQ-NAM-007": { texts: { familyName: "Margaret", givenName: "Smith" }, field: "familyName" },
  "DQ-GEN-001": { texts: { gender: "U" }, field: "gender" },
  "DQ-GEN-002": { texts: { gender: "Q" }, field: "gender" },
  "DQ-PCD-001": { texts: { postcode: null }, field: "postcode" },
  "DQ-PCD-002": { texts: { postcode: "nowhere" }, field: "postcode" },
  "DQ-PCD-003": { texts: { postcode: "S014 1AX" }, field: "postcode" },
  "DQ-PCD-004": { texts: { postcode: "ZZ99 3VZ" }, field: "postcode" },
  "DQ-ADR-001": { texts: { addressLine1: null }, field: "addressLine1" },
  "DQ-TEL-001": { texts: { phone: "none" }, field: "phone" },
  "DQ-EML-001": { texts: { email: "none" }, field: "email" },
  "DQ-GPC-001": { texts: { gpPracticeCode: "SURGERY" }, field: "gpPracticeCode" },
  "DQ-DTH-001": { texts: { deceased: "N", deathDate: "2026-07-01" }, field: "deceased" },
  "DQ-DTH-002": { texts: { deathDate: "2027-01-01" }, field: "deathDate" },
  "DQ-STA-001": { texts: { nhsNumberStatus: "42" }, field: "nhsNumberStatus" },
  "DQ-LEN-001": { texts: { town: "x".repeat(251) }, field: "town" },
};

describe("the reason codes", () => {
  const fromRecord = Object.entries(reasonCodes).filter(([, row]) => row.judgedFrom === "record");

  it("are all reached, those that one record is enough for", () => {
    expect(Object.keys(reached).toSorted()).toEqual(fromRecord.map(([code]) => code).toSorted());
  });

  it.each(Object.entries(reached))(
    "%s is found at its field, with the severity of the table",
    (code, { texts, event, live, field }) => {
      const person = sent({ ...sound, ...texts }, event);
      const { findings } = checkPerson(person, { ...options, environment: live ? "live" : "test" });
      const severity = reasonCodes[code as keyof typeof reasonCodes].severity;
      expect(findings).toContainEqual({ code, field, severity });
      if (severity === "reject") expect(refuses(findings)).toBe(true);
    },
  );

  it("are none for a sound person, whose texts are all stored as sent", () => {
    const { fields, raw, findings } = checkPerson(sent(sound), options);
    expect(findings).toEqual([]);
    expect(raw).toEqual({});
    expect(fields).toEqual({ ...sound, deceased: false });
  });
});

describe("checking a person", () => {
  it("never blanks a field because its text is bad", () => {
    for (const { texts } of Object.values(reached)) {
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

  it("never puts a value into a finding", () => {
    const marker = "ZQXJ7";
    const texts = Object.fromEntries(personFields.map((field) => [field, `${marker} ${field}`]));
    expect(JSON.stringify(checkPerson(sent(texts), options).findings)).not.toContain(marker);
  });
});
