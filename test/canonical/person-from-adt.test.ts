// ADT messages as canonical persons: our own fixtures, and the forms that versions and senders differ in.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AdtOptions, businessKeysOf, personFromAdt, sessionOf } from "#canonical/maps";
import { personMergeEvents, personUpdateEvents } from "#canonical/model";
import { refuses } from "#canonical/rules";
import { type Message, parse } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";

const options: AdtOptions = { environment: "test", today: "2026-08-01" };
const fixture = (name: string): Message => parse(readFileSync(new URL(`../fixtures/adt/${name}.hl7`, import.meta.url)));

type Segments = {
  readonly event?: string;
  readonly msh7?: string;
  readonly evn?: string;
  readonly pid?: Record<number, string>;
  readonly more?: string;
};

/** An ADT message; PID-3 and PID-5 are given unless `pid` says otherwise. */
function adt({
  event = "A31",
  msh7 = "20260301101500",
  evn = `${event}|20260301101500`,
  pid = {},
  more,
}: Segments): Message {
  const fields: Record<number, string> = { 3: "RXX1001^^^RXX^MR", 5: "EXAMPLE^ANNE", ...pid };
  const values = Array.from({ length: 40 }, (_, index) => fields[index + 1] ?? "");
  const segments = [
    `MSH|^~\\&|PAS|RXX|LOCKGATE|RXX|${msh7}||ADT^${event}|1|T|2.5`,
    `EVN|${evn}`,
    `PID|${values.join("|")}`,
  ];
  return parse(new TextEncoder().encode([...segments, ...(more ? [more] : [])].join("\r")));
}

function updateOf(message: Message, by = options) {
  const statement = personFromAdt(message, by);
  if (statement.kind !== "update") throw new Error("not an update");
  return statement.update;
}

function mergeOf(message: Message) {
  const statement = personFromAdt(message, options);
  if (statement.kind !== "merge") throw new Error("not a merge");
  return statement.merge;
}

const fieldsOf = (pid: Record<number, string>, more?: string) =>
  updateOf(adt({ pid, ...(more ? { more } : {}) })).fields;

describe("our ADT fixtures", () => {
  it("give a new person in full", () => {
    expect(updateOf(fixture("a28-new-person"))).toEqual({
      event: "A28",
      eventAt: "2026-03-01T10:15:00.000Z",
      source: "PAS|RXX",
      identifiers: [{ system: "RXX", value: "RXX1001" }],
      fields: {
        nhsNumber: "9990000018",
        title: "Ms",
        familyName: "EXAMPLE",
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
        deceased: false,
      },
      raw: { birthDate: "19850412", gender: "F", phone: "01632 960123", deceased: "N" },
      findings: [],
    });
  });

  it("give a new address as a whole, with the parts left out removed", () => {
    const { fields, eventAt } = updateOf(fixture("a31-address-change"));
    expect(fields).toMatchObject({
      addressLine1: "77 New Street",
      addressLine2: null,
      town: "Newtown",
      county: null,
      postcode: "SO14 1AX",
    });
    expect("phone" in fields).toBe(false);
    expect(eventAt).toBe("2026-07-10T07:59:30.250Z");
  });

  it("give HL7 nulls as removals", () => {
    const { fields } = updateOf(fixture("a08-nulls"));
    const removed = Object.entries(fields).filter(([, value]) => value === null);
    expect(removed.map(([field]) => field).toSorted()).toEqual(
      [
        "addressLine1",
        "addressLine2",
        "country",
        "county",
        "email",
        "middleNames",
        "phone",
        "postcode",
        "title",
        "town",
      ].toSorted(),
    );
  });

  it("give a death", () => {
    expect(updateOf(fixture("a08-deceased")).fields).toMatchObject({ deceased: true, deathDate: "2026-06-01" });
  });

  it("give a newborn without the placeholder name, born on the day of the event", () => {
    const { fields, raw, findings } = updateOf(fixture("a28-newborn"));
    expect("givenName" in fields).toBe(false);
    expect(raw.givenName).toBe("Baby Girl");
    expect(refuses(findings)).toBe(false);
  });

  it("give identifiers of the older fields", () => {
    const { identifiers, fields } = updateOf(fixture("a01-legacy-identifiers"));
    expect(identifiers).toEqual([{ system: "RXX", value: "RXX3003" }]);
    expect(fields.nhsNumber).toBe("9990000034");
  });

  it.each([
    ["a40-merge", "RXX1001", "RXX2002", "9990000018", "9990000026"],
    ["a34-old-merge", "RXX1001", "RXX2002", undefined, undefined],
  ])("give the merge %s", (name, survivor, retired, survivorNhsNumber, retiredNhsNumber) => {
    const merge = mergeOf(fixture(name));
    expect(merge.survivor.identifiers).toEqual([{ system: "RXX", value: survivor }]);
    expect(merge.retired.identifiers).toEqual([{ system: "RXX", value: retired }]);
    expect([merge.survivor.nhsNumber, merge.retired.nhsNumber]).toEqual([survivorNhsNumber, retiredNhsNumber]);
    expect(merge.fields.familyName).toBe("EXAMPLE");
  });

  it.each([
    ["bad-birth-date", "HL7_BAD_VALUE", "PID-7"],
    ["bad-no-identifier", "HL7_REQUIRED_FIELD", "PID-3"],
    ["bad-no-event-time", "HL7_REQUIRED_FIELD", "EVN-2"],
    ["bad-event-time", "HL7_BAD_VALUE", "EVN-2"],
    ["bad-future-event", "HL7_BAD_VALUE", "EVN-2"],
    ["bad-two-nhs-numbers", "HL7_BAD_VALUE", "PID-3[3]"],
    ["bad-event", "HL7_UNSUPPORTED_EVENT", "MSH-9.2"],
    ["bad-type", "HL7_UNSUPPORTED_TYPE", "MSH-9.1"],
    ["bad-merge-without-mrg", "HL7_REQUIRED_FIELD", "MRG-1"],
    ["bad-merge-into-itself", "HL7_BAD_VALUE", "MRG-1"],
    ["bad-two-merges", "HL7_BAD_VALUE", "MRG[2]-1"],
  ])("are refused where they are bad: %s with %s at %s", (name, code, at) => {
    expect(() => personFromAdt(fixture(name), options)).toThrow(expect.objectContaining({ code, at }));
  });
});

describe("events", () => {
  it.each(personUpdateEvents)("%s is taken as an update", (event) => {
    expect(updateOf(adt({ event })).event).toBe(event);
  });

  it.each(personMergeEvents)("%s is taken as a merge", (event) => {
    expect(mergeOf(adt({ event, more: "MRG|RXX2002^^^RXX^MR" })).event).toBe(event);
  });

  it.each(["A17", "A23", "A24", "A29", "A37", "A41", "A45", "A60", "Z99"])("%s is not taken", (event) => {
    expect(() => personFromAdt(adt({ event }), options)).toThrow(
      expect.objectContaining({ code: "HL7_UNSUPPORTED_EVENT" }),
    );
  });
});

describe("the event's time", () => {
  it.each([
    ["EVN-6 before EVN-2", "A31|20260301101500||||20260301090000", "2026-03-01T09:00:00.000Z"],
    ["EVN-2 when EVN-6 is a bare date", "A31|20260301101500||||20260301", "2026-03-01T10:15:00.000Z"],
    ["MSH-7 when EVN has no time", "A31", "2026-03-01T10:15:00.000Z"],
    ["summer time of London", "A31|20260701101500", "2026-07-01T09:15:00.000Z"],
    ["an offset of its own", "A31|20260701101500-0500", "2026-07-01T15:15:00.000Z"],
    ["fractions", "A31|20260301101500.125", "2026-03-01T10:15:00.125Z"],
  ])("honours %s", (_case, evn, eventAt) => {
    expect(updateOf(adt({ evn })).eventAt).toBe(eventAt);
  });

  it("takes a time to the minute where there is none to the second", () => {
    expect(updateOf(adt({ msh7: "202603011014", evn: "A31|202603011013" })).eventAt).toBe("2026-03-01T10:13:00.000Z");
  });

  it("refuses what is coarser than a minute", () => {
    expect(() => personFromAdt(adt({ msh7: "", evn: "A31|20260301" }), options)).toThrow(
      expect.objectContaining({ code: "HL7_BAD_VALUE", at: "EVN-2" }),
    );
  });

  it("reads local times in the zone of the site", () => {
    expect(updateOf(adt({}), { ...options, zone: "Asia/Kolkata" }).eventAt).toBe("2026-03-01T04:45:00.000Z");
  });
});

describe("identifiers", () => {
  const identifiersOf = (pid: Record<number, string>) =>
    updateOf(adt({ pid })).identifiers.map(({ system, value }) => `${system}:${value}`);

  it.each([
    ["the medical record number first", { 3: "7^^^LAB^PI~8^^^RXX^MR" }, ["RXX:8", "LAB:7"]],
    ["no visit, account or social security number", { 3: "1^^^RXX^VN~2^^^RXX^AN~3^^^RXX^SS~4^^^RXX^MR" }, ["RXX:4"]],
    ["a site's own type", { 3: "4^^^RXX^CRN" }, ["RXX:4"]],
    ["the universal id where the authority has no name", { 3: "4^^^&1.2.3&ISO^MR" }, ["1.2.3:4"]],
    ["the sending facility where there is no authority", { 3: "4" }, ["RXX:4"]],
    ["the same number once", { 3: "a4^^^RXX^MR~A4^^^rxx^PI" }, ["RXX:a4"]],
    ["PID-3 before the older fields", { 2: "9^^^RXX^MR", 3: "4^^^RXX^MR", 4: "8^^^RXX^MR" }, ["RXX:4"]],
  ])("are %s", (_case, pid, expected) => {
    expect(identifiersOf(pid)).toEqual(expected);
  });

  it.each([
    "9990000018^^^NHS^NH",
    "999 000 0018^^^RXX^NHS",
    "9990000018^^^^NHSNMBR",
    "9990000018^^^NHS",
    "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO",
    "9990000018^^^https://fhir.nhs.uk/Id/nhs-number",
  ])("know the NHS number in %s", (repetition) => {
    const { fields, identifiers } = updateOf(adt({ pid: { 3: `4^^^RXX^MR~${repetition}` } }));
    expect(fields.nhsNumber).toBe("9990000018");
    expect(identifiers).toHaveLength(1);
  });

  it("take no social security number for an NHS number", () => {
    expect("nhsNumber" in fieldsOf({ 19: "123-45-6789" })).toBe(false);
  });

  it("suffice as an NHS number alone, unless it is not valid", () => {
    expect(updateOf(adt({ pid: { 3: "9990000018^^^NHS^NH" } })).identifiers).toEqual([]);
    expect(() => personFromAdt(adt({ pid: { 3: "9990000019^^^NHS^NH" } }), options)).toThrow(
      expect.objectContaining({ code: "HL7_BAD_VALUE", at: "PID-3[1]", reason: "DQ-NHS-003" }),
    );
  });

  it("of a survivor leave out the retired ones that the sender lists again", () => {
    const message = adt({ event: "A40", pid: { 3: "1^^^RXX^MR~2^^^RXX^MR" }, more: "MRG|2^^^RXX^MR" });
    expect(mergeOf(message).survivor.identifiers).toEqual([{ system: "RXX", value: "1" }]);
  });
});

describe("fields", () => {
  it.each([
    ["the legal name, not an alias", { 5: "ALIAS^A^^^^^A~LEGAL^L^^^^^L" }, { familyName: "LEGAL", givenName: "L" }],
    ["the unmarked name before a display name", { 5: "SHOWN^S^^^^^D~PLAIN^P" }, { familyName: "PLAIN" }],
    ["escapes in a name", { 5: "O\\T\\X^ANNE" }, { familyName: "O&X" }],
    [
      "the home address, not the office",
      { 11: "1 OFFICE^^A^^LS1 4AP^^O~2 HOME^^B^^LS1 4AP^^H" },
      { addressLine1: "2 HOME" },
    ],
    [
      "the address that has not ended",
      { 11: "1 OLD^^A^^LS1 4AP^^H^^^^^^^20200101~2 NEW^^B^^LS1 4AP^^H" },
      { addressLine1: "2 NEW" },
    ],
    ["a street in parts", { 11: "&High Street&12^^B^^LS1 4AP" }, { addressLine1: "12 High Street" }],
    ["a country alone without touching the rest", { 11: "^^^^^GBR" }, { country: "GBR" }],
    ["a phone in parts", { 13: "^PRN^PH^^44^01632^960123" }, { phone: "+441632960123" }],
    ["a phone in XTN.12", { 13: "^PRN^PH^^^^^^^^^01632 960123" }, { phone: "+441632960123" }],
    ["the home phone before the others", { 13: "07700900123^ORN^CP~01632960123^PRN^PH" }, { phone: "+441632960123" }],
    [
      "no fax and no work phone",
      { 13: "01632960999^PRN^FX~01632960998^WPN^PH~07700900123^ORN^CP" },
      { phone: "+447700900123" },
    ],
    ["an e-mail address in XTN.4", { 13: "^NET^Internet^a@example.org" }, { email: "a@example.org" }],
    ["an e-mail address in XTN.1", { 13: "a@example.org^NET^Internet" }, { email: "a@example.org" }],
    ["PID-40 in place of PID-13", { 40: "07700900123^PRS^CP" }, { phone: "+447700900123" }],
    [
      "the NHS number status",
      { 3: "1^^^R^MR~9990000018^^^NHS^NH", 32: "UD~01" },
      { nhsNumber: "9990000018", nhsNumberStatus: "01" },
    ],
    ["the gender code of the NHS", { 8: "2" }, { gender: "female" }],
    ["a partial birth date", { 7: "198504" }, { birthDate: "1985-04" }],
  ])("take %s", (_case, pid, expected) => {
    expect(fieldsOf(pid)).toMatchObject(expected);
  });

  it("that a country alone says are the country", () => {
    const names = Object.keys(fieldsOf({ 11: "^^^^^GBR" }));
    expect(names.filter((name) => name.startsWith("address") || name === "postcode")).toEqual([]);
  });

  it.each([
    ["PD1|||SURGERY^^A99901", "A99901"],
    ["PD1|||SURGERY^^^^^^^^^A99901", "A99901"],
    ["PD1||||G9999981~A99902", "A99902"],
    ["PD1|||SURGERY^^LOCAL7", "LOCAL7"],
    ["PD1||||G9999981", undefined],
    ['PD1|||""', null],
  ])("take the practice of %s as %s", (pd1, code) => {
    expect(fieldsOf({}, pd1).gpPracticeCode).toBe(code);
  });

  it("of the test range refuse the record when live", () => {
    expect(refuses(updateOf(fixture("a28-new-person"), { ...options, environment: "live" }).findings)).toBe(true);
  });
});

describe("keys read before validation", () => {
  it.each([
    ["a local identifier", adt({ pid: { 3: "9990000018^^^NHS^NH~a1^^^rxx^MR" } }), "RXX:A1"],
    ["the NHS number alone", adt({ pid: { 3: "999 000 0018^^^NHS^NH" } }), "NHS:9990000018"],
    ["nobody", adt({ pid: { 3: "" } }), undefined],
    ["the survivor of a merge", fixture("a40-merge"), "RXX:RXX1001"],
    ["a message of a type not taken", fixture("bad-type"), "RXX:RXX1001"],
  ])("order the messages of %s", (_case, message, session) => {
    expect(sessionOf(message)).toBe(session);
  });

  it("find a merge by both persons", () => {
    expect(businessKeysOf(fixture("a40-merge"))).toEqual([
      { kind: "localId", value: "RXX:RXX1001" },
      { kind: "nhsNumber", value: "9990000018" },
      { kind: "localId", value: "RXX:RXX2002" },
      { kind: "nhsNumber", value: "9990000026" },
    ]);
  });

  it("leave out a number that is no NHS number", () => {
    expect(businessKeysOf(adt({ pid: { 3: "9990000019^^^NHS^NH" } }))).toEqual([]);
  });

  it("and the person itself are read or refused with a code from any PID, and the error holds no value", () => {
    const text = fc.stringMatching(/^[A-Za-z0-9 ^~&."-]{0,40}$/);
    const pid = fc.dictionary(fc.integer({ min: 2, max: 40 }).map(String), text, { maxKeys: 12 });
    fc.assert(
      fc.property(pid, fc.constantFrom("A31", "A40"), text, (fields, event, retired) => {
        const message = adt({ event, pid: { 3: "ZQXJ7^^^ZQXJ7", ...fields }, more: `MRG|${retired}` });
        sessionOf(message);
        businessKeysOf(message);
        try {
          personFromAdt(message, options);
        } catch (error) {
          expect(error).toBeInstanceOf(LockgateError);
          expect((error as LockgateError).message).not.toContain("ZQXJ7");
        }
      }),
      { numRuns: 300 },
    );
  });
});
