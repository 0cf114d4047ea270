// A PDS Patient as a national record: what is told, what is withheld, and what may be missing.

import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { whereabouts } from "#canonical/model";
import { partsOf } from "../../../src/connectors/pds/address-lines.ts";
import { isRedacted, received, recordOf } from "../../../src/connectors/pds/record.ts";
import { deathNotice, nhsNumber, patient, told, version } from "./peer.ts";

const today = "2026-06-01";
const recordFrom = (body: unknown, etag: string | undefined = version) => recordOf(received(body, etag)!, today);
const fieldsOf = (more: object) => recordFrom({ ...patient, ...more }).fields;

describe("a record", () => {
  test("tells what is in force, in canonical words", () => {
    expect(recordFrom(patient)).toEqual({ nhsNumber, version, restricted: false, fields: told });
  });

  test("tells nothing but its number where the service holds nothing else", () => {
    const { resourceType, id, meta } = patient;
    expect(recordFrom({ resourceType, id, meta })).toEqual({
      nhsNumber,
      version,
      restricted: false,
      fields: { nhsNumber },
    });
  });

  test.each(["R", "V", "N", "VIP"])(
    "under the security code %s withholds where the person is, even if it was sent",
    (code) => {
      const record = recordFrom({ ...patient, meta: { versionId: "4", security: [{ code: "U" }, { code }] } });
      expect(record.restricted).toBe(true);
      expect(Object.keys(record.fields).filter((field) => whereabouts.has(field as never))).toEqual([]);
      expect(record.fields).toMatchObject({ familyName: "O'Wren", birthDate: "1980-05-17", gender: "female" });
    },
  );

  test("shows a withdrawn record as such", () => {
    expect(isRedacted({ ...patient, meta: { security: [{ code: "REDACTED" }] } })).toBe(true);
    expect(isRedacted(patient)).toBe(false);
  });

  test.each([
    ["another resource", { ...patient, resourceType: "Practitioner" }, version],
    ["no number", { ...patient, id: undefined }, version],
    ["a number with a wrong check digit", { ...patient, id: "9990000019" }, version],
    ["a number that is no text", { ...patient, id: 9990000018 }, version],
    ["no version", { ...patient, meta: {} }, undefined],
    ["no object", [patient], version],
  ])("is none of %s", (_of, body, etag) => {
    expect(received(body, etag)).toBeUndefined();
  });

  test("takes its version from the resource where there is no ETag", () => {
    expect(received(patient)!.version).toBe(version);
  });
});

describe("names and contacts", () => {
  test("are never a nickname, a former or a temporary one", () => {
    const name = ["nickname", "old", "temp", "maiden"].map((use) => ({ id: use, use, family: "Wren", given: ["Al"] }));
    const { familyName, givenName } = fieldsOf({ name });
    expect([familyName, givenName]).toEqual([undefined, undefined]);
  });

  test("are the usual name although its period has ended, for there is no other", () => {
    const name = [{ use: "usual", family: "Wren", period: { start: "2001-01-01", end: "2002-01-01" } }];
    expect(fieldsOf({ name }).familyName).toBe("Wren");
  });

  test.each([
    ["ended yesterday", { start: "2020-01-01", end: "2026-05-31" }, false],
    ["ends today", { start: "2020-01-01", end: "2026-06-01" }, true],
    ["begins tomorrow", { start: "2026-06-02" }, false],
    ["begins today", { start: "2026-06-01" }, true],
    ["has no period", undefined, true],
  ])("count while in force: one that %s", (_when, period, isTold) => {
    const { town, phone, gpPracticeCode } = fieldsOf({
      address: [{ use: "home", line: ["1 High Street", "Leeds"], period }],
      telecom: [{ system: "phone", use: "home", value: "01632960123", period }],
      generalPractitioner: [{ identifier: { value: "A12345", period } }],
    });
    expect([town, phone, gpPracticeCode].map((field) => field !== undefined)).toEqual(Array(3).fill(isTold));
  });

  test("prefer the number at home to the mobile one, and take none from work", () => {
    const at = (use: string, value: string) => ({ system: "phone", use, value });
    const phoneOf = (...telecom: object[]) => fieldsOf({ telecom }).phone;
    expect(phoneOf(at("mobile", "07700900123"), at("home", "01632960123"))).toBe("+441632960123");
    expect(phoneOf(at("work", "01632960123"))).toBeUndefined();
  });

  test("keep a number that cannot be read as it was sent, and tell no address that is none", () => {
    const telecom = [
      { system: "phone", use: "home", value: "ask at 12" },
      { system: "email", use: "home", value: "none" },
    ];
    expect(fieldsOf({ telecom })).toMatchObject({ phone: "ask at 12" });
    expect(fieldsOf({ telecom }).email).toBeUndefined();
  });
});

describe("dates", () => {
  test.each([
    ["1980-05-17", "1980-05-17"],
    ["1980-05", "1980-05"],
    ["1980", "1980"],
    ["1980-13-01", undefined],
    ["", undefined],
  ])("of birth may be partial: %s", (birthDate, expected) => {
    expect(fieldsOf({ birthDate }).birthDate).toBe(expected);
  });

  const deceasedDateTime = "2025-12-24T00:00:00+00:00";
  test.each([
    ["told informally", { deceasedDateTime, extension: [deathNotice("1")] }, "informal", true, "2025-12-24"],
    ["registered", { deceasedDateTime, extension: [deathNotice("2")] }, "formal", true, "2025-12-24"],
    ["without a notification", { deceasedDateTime }, "informal", true, "2025-12-24"],
    ["without a date", { extension: [deathNotice("2")] }, "formal", true, undefined],
    ["with a partial date", { deceasedDateTime: "2025", extension: [deathNotice("1")] }, "informal", true, undefined],
    ["taken back", { deceasedDateTime, extension: [deathNotice("U")] }, undefined, false, undefined],
    ["not at all", {}, undefined, undefined, undefined],
  ] as const)("of death: %s", (_how, more, death, deceased, deathDate) => {
    const record = recordFrom({ ...patient, ...more });
    expect([record.death, record.fields.deceased, record.fields.deathDate]).toEqual([death, deceased, deathDate]);
  });
});

describe("address lines", () => {
  test.each([
    [
      ["1 Trevelyan Square", "Boar Lane", "City Centre", "Leeds", "West Yorkshire"],
      ["1 Trevelyan Square", "Boar Lane, City Centre", "Leeds", "West Yorkshire"],
    ],
    [
      ["", "23 Mill Lane", "", "Leeds", ""],
      ["23 Mill Lane", undefined, "Leeds", undefined],
    ],
    [
      ["2 CHURCH CLOSE", "BONBY", "BRIGG", "S HUMBERSIDE"],
      ["2 CHURCH CLOSE", "BONBY", "BRIGG", "S HUMBERSIDE"],
    ],
    [
      ["2 Whitehall Quay", "Leeds", "West Yorkshire"],
      ["2 Whitehall Quay", undefined, "Leeds", "West Yorkshire"],
    ],
    [
      ["Flat 1", "23 Mill Lane", "Leeds"],
      ["Flat 1", "23 Mill Lane", "Leeds", undefined],
    ],
    [
      ["1 High Street", "Gilesgate", "Durham"],
      ["1 High Street", "Gilesgate", "Durham", undefined],
    ],
    [
      ["23 Mill Lane", "Leeds"],
      ["23 Mill Lane", undefined, "Leeds", undefined],
    ],
    [["Surrey House"], ["Surrey House", undefined, undefined, undefined]],
    [[], [undefined, undefined, undefined, undefined]],
  ])("become fields by what each line is: %#", (lines, [addressLine1, addressLine2, town, county]) => {
    expect(partsOf(lines)).toEqual({ addressLine1, addressLine2, town, county });
  });

  test("lose nothing on the way to fields, whatever they are", () => {
    const line = fc.stringMatching(/^[A-Za-z0-9]{1,12}( [A-Za-z0-9]{1,8})?$/);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const { addressLine1, addressLine2, town, county } = partsOf(lines);
        const parts = [addressLine1, ...(addressLine2?.split(", ") ?? []), town, county];
        expect(parts.filter((part) => part !== undefined)).toEqual(lines);
      }),
    );
  });
});

test("no JSON of any shape makes the mapping throw", () => {
  const anything = fc.jsonValue({ maxDepth: 4 });
  const keys = [
    "name",
    "address",
    "telecom",
    "generalPractitioner",
    "extension",
    "birthDate",
    "gender",
    "meta",
    "identifier",
    "deceasedDateTime",
  ];
  const within = fc.dictionary(
    fc.constantFrom(
      "use",
      "period",
      "line",
      "value",
      "system",
      "given",
      "family",
      "prefix",
      "url",
      "extension",
      "identifier",
      "security",
      "coding",
    ),
    anything,
  );
  const bodies = fc.dictionary(fc.constantFrom(...keys), fc.oneof(anything, fc.array(within, { maxLength: 3 })));
  fc.assert(
    fc.property(bodies, (body) => {
      const { fields } = recordFrom({ ...patient, ...body });
      expect(Object.values(fields).every((value) => typeof value === "string" || typeof value === "boolean")).toBe(
        true,
      );
    }),
  );
});

const shared = `${process.env.LOCKGATE_SHARED ?? "../shared"}/data/nhs/pds-examples/sandbox-stubs/patientResponses`;
const stubs = (() => {
  try {
    return readdirSync(shared);
  } catch {
    return [];
  }
})();

describe.skipIf(stubs.length === 0)("the service's own examples (skipped: no shared data)", () => {
  test.each(stubs)("are records: %s", (file) => {
    const stub = JSON.parse(readFileSync(`${shared}/${file}`, "utf8"));
    const record = recordFrom(stub, undefined);
    expect(record.nhsNumber).toBe(stub.id);
    expect(record.restricted).toBe(stub.meta.security[0].code !== "U");
    if (record.restricted) expect(record.fields.addressLine1).toBeUndefined();
  });
});
