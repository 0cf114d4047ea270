// What an ADT message states of its person, and where in the message each field came from.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { statedFieldsOf } from "#canonical/maps";
import { personFields } from "#canonical/model";
import { type Message, parse } from "#formats/hl7v2";

const options = { environment: "test", today: "2026-08-01" } as const;
const fixture = (name: string): Message => parse(readFileSync(new URL(`../fixtures/adt/${name}.hl7`, import.meta.url)));
const message = (...segments: string[]): Message =>
  parse(["MSH|^~\\&|PAS|RXX|LOCKGATE|RXX|20260301101500||ADT^A31|1|T|2.5", ...segments].join("\r"));
const placesIn = (read: Message) =>
  Object.fromEntries(statedFieldsOf(read, options).map(({ field, at }) => [field, at]));

describe("the fields that a message states", () => {
  it("each name the place that they came from", () => {
    expect(placesIn(fixture("a28-new-person"))).toEqual({
      nhsNumber: ["PID-3[2].1"],
      title: ["PID-5[1].5"],
      familyName: ["PID-5[1].1"],
      givenName: ["PID-5[1].2"],
      middleNames: ["PID-5[1].3"],
      birthDate: ["PID-7"],
      gender: ["PID-8"],
      addressLine1: ["PID-11[1].1"],
      addressLine2: ["PID-11[1].2"],
      town: ["PID-11[1].3"],
      county: ["PID-11[1].4"],
      postcode: ["PID-11[1].5"],
      country: ["PID-11[1].6"],
      phone: ["PID-13[1].1"],
      email: ["PID-13[2].4"],
      gpPracticeCode: ["PD1-3.3"],
      deceased: ["PID-30"],
    });
  });

  it("follow the choice among repetitions and the parts that make one text", () => {
    const read = message(
      "PID|1||X1||MAIDEN^ANNE^^^^^M~BRIDGE&von&BRIDGE^ANNE^^^^^L||||||9 Office^^A^^AB1 2CD^^O~&Mill Road&12^Flat 3^B^^AB1 2CD^^H^Block C||^PRN^PH^^44^0113^4960999",
    );
    expect(placesIn(read)).toMatchObject({
      familyName: ["PID-5[2].1.1"],
      givenName: ["PID-5[2].2"],
      addressLine1: ["PID-11[2].1.2", "PID-11[2].1.3"],
      addressLine2: ["PID-11[2].2", "PID-11[2].8"],
      town: ["PID-11[2].3"],
      phone: ["PID-13.5", "PID-13.6", "PID-13.7"],
    });
  });

  it("are told with what was found of them, and without a value where what was sent is not taken", () => {
    const stated = statedFieldsOf(message('PID|1||X1||BRIDGE^ANNE||19850231|""||||||||'), options);
    expect(stated.find(({ field }) => field === "birthDate")).toEqual({
      field: "birthDate",
      at: ["PID-7"],
      codes: ["DQ-DOB-002"],
    });
    expect(stated.find(({ field }) => field === "gender")).toMatchObject({ value: null, at: [] });
  });

  it("are none of a message that is no ADT", () => {
    expect(statedFieldsOf(parse("MSH|^~\\&|L|R|||20260301||ORU^R01|1|T|2.5\rPID|1||X1||A^B"), options)).toEqual([]);
  });

  it("are told without their places where a message is so long that tracing it would cost too much", () => {
    const long = Array.from({ length: 300 }, (_, nth) => `0113496${nth}`).join("~");
    const stated = statedFieldsOf(message(`PID|1||X1||BRIDGE^ANNE||||||||${long}`), options);
    expect(stated.find(({ field }) => field === "familyName")).toMatchObject({ value: "BRIDGE", at: [] });
  });

  it("come from where they are said to, whatever is written there", () => {
    const word = fc.stringMatching(/^[A-Za-z]{2,12}$/);
    fc.assert(
      fc.property(word, word, word, (family, town, other) => {
        const read = message(`PID|1||X1||${family}^ANNE||||||1 Row^^${town}^^LS1 4AP`);
        const before = statedFieldsOf(read, options);
        for (const { field, at } of before.filter((one) => ["familyName", "town"].includes(one.field))) {
          read.set(at[0]!, other);
          const after = statedFieldsOf(read, options).find((one) => one.field === field);
          expect(String(after?.value).toLowerCase()).toBe(other.toLowerCase());
        }
        expect(before.map(({ field }) => field)).toEqual(
          personFields.filter((one) => before.some(({ field }) => field === one)),
        );
      }),
      { numRuns: 30 },
    );
  });
});
