// Canonical changes as a JSON Patch: the service's rules on ids, lists and removals, and what it does not take.

import { describe, expect, test } from "vitest";
import type { PersonChanges } from "#canonical/model";
import type { LockgateError } from "#kernel/errors";
import { type Operation, patchOf } from "../../../src/connectors/pds/patch.ts";
import { deathNotice, patient } from "./peer.ts";

const today = "2026-06-01";
const patch = (changes: PersonChanges, more: object = {}): Operation[] =>
  patchOf({ ...patient, ...more }, changes, today);
const bare = { name: undefined, address: undefined, telecom: undefined, generalPractitioner: undefined };
const ods = "https://fhir.nhs.uk/Id/ods-organization-code";
const informal = { op: "add", path: "/extension/-", value: expect.objectContaining({ url: deathNotice("1").url }) };

describe("a patch", () => {
  test.each<[string, PersonChanges, object, object[]]>([
    [
      "replaces the usual name where it stands, under its id, and keeps its other parts",
      { familyName: "Lark", title: "Dr" },
      {},
      [
        {
          op: "replace",
          path: "/name/1",
          value: {
            id: "n1",
            use: "usual",
            prefix: ["Dr"],
            given: ["Alba", "Rose", "May"],
            family: "Lark",
            suffix: ["MBE"],
          },
        },
      ],
    ],
    [
      "replaces and removes given names apart from each other",
      { givenName: "Ada", middleNames: null, title: null },
      {},
      [
        {
          op: "replace",
          path: "/name/1",
          value: { id: "n1", use: "usual", given: ["Ada"], family: "O\u2019Wren", suffix: ["MBE"] },
        },
      ],
    ],
    [
      "adds a name where there is none",
      { familyName: "Lark", givenName: "Ada", middleNames: "Bea Cleo" },
      bare,
      [{ op: "add", path: "/name/-", value: { use: "usual", given: ["Ada", "Bea", "Cleo"], family: "Lark" } }],
    ],
    [
      "replaces gender and birth date",
      { gender: "male", birthDate: "1981-05-17" },
      {},
      [
        { op: "replace", path: "/gender", value: "male" },
        { op: "replace", path: "/birthDate", value: "1981-05-17" },
      ],
    ],
    [
      "adds a gender where there is none",
      { gender: "male" },
      { gender: undefined },
      [{ op: "add", path: "/gender", value: "male" }],
    ],
    [
      "replaces the home address where it stands, without the keys and the period of the old one",
      { addressLine1: "2 Whitehall Quay", addressLine2: null, postcode: "LS1 4BU" },
      {},
      [
        {
          op: "replace",
          path: "/address/1",
          value: {
            id: "a1",
            use: "home",
            line: ["2 Whitehall Quay", "Leeds", "West Yorkshire"],
            postalCode: "LS1 4BU",
          },
        },
      ],
    ],
    [
      "keeps the lines as they stand when only the postcode changes",
      { postcode: "LS1 4BU" },
      {},
      [
        {
          op: "replace",
          path: "/address/1",
          value: { id: "a1", use: "home", line: patient.address[1]!.line, postalCode: "LS1 4BU" },
        },
      ],
    ],
    [
      "builds nothing on an address that has ended",
      { addressLine1: "2 Whitehall Quay", town: "Leeds" },
      {
        address: [
          {
            id: "a9",
            use: "home",
            line: ["9 Old Street", "York"],
            postalCode: "YO1 1AA",
            period: { end: "2020-01-01" },
          },
        ],
      },
      [{ op: "replace", path: "/address/0", value: { id: "a9", use: "home", line: ["2 Whitehall Quay", "Leeds"] } }],
    ],
    [
      "adds an address where there is none",
      { addressLine1: "2 Whitehall Quay", town: "Leeds", postcode: "LS1 4BU" },
      bare,
      [
        {
          op: "add",
          path: "/address/-",
          value: { use: "home", line: ["2 Whitehall Quay", "Leeds"], postalCode: "LS1 4BU" },
        },
      ],
    ],
    [
      "removes an address right after a test of its id",
      { addressLine1: null, addressLine2: null, town: null, county: null, postcode: null },
      {},
      [
        { op: "test", path: "/address/1/id", value: "a1" },
        { op: "remove", path: "/address/1" },
      ],
    ],
    [
      "replaces a number under the use it has",
      { phone: "+447700900456" },
      {},
      [
        {
          op: "replace",
          path: "/telecom/2",
          value: { id: "t2", system: "phone", use: "mobile", value: "+447700900456" },
        },
      ],
    ],
    [
      "puts a number in the place of one that has ended, for there may be one of a use only",
      { phone: "+441632960123" },
      { telecom: patient.telecom.slice(0, 2) },
      [
        {
          op: "replace",
          path: "/telecom/0",
          value: { id: "t0", system: "phone", use: "home", value: "+441632960123" },
        },
      ],
    ],
    [
      "adds a mobile number as one, and an e-mail address at home",
      { phone: "+447700900456", email: "a@example.com" },
      bare,
      [
        { op: "add", path: "/telecom/-", value: { system: "phone", use: "mobile", value: "+447700900456" } },
        { op: "add", path: "/telecom/-", value: { system: "email", use: "home", value: "a@example.com" } },
      ],
    ],
    [
      "removes from the highest index down, each right after its test, and edits before",
      { phone: null, email: null, gender: "male" },
      {},
      [
        { op: "replace", path: "/gender", value: "male" },
        { op: "test", path: "/telecom/3/id", value: "t3" },
        { op: "remove", path: "/telecom/3" },
        { op: "test", path: "/telecom/2/id", value: "t2" },
        { op: "remove", path: "/telecom/2" },
      ],
    ],
    [
      "tests the whole of an object that has no id",
      { phone: null },
      { telecom: [{ system: "phone", use: "home", value: "01632960123" }] },
      [
        { op: "test", path: "/telecom/0", value: { system: "phone", use: "home", value: "01632960123" } },
        { op: "remove", path: "/telecom/0" },
      ],
    ],
    [
      "replaces the practice under its id",
      { gpPracticeCode: "B54321" },
      {},
      [
        {
          op: "replace",
          path: "/generalPractitioner/0",
          value: { id: "g1", type: "Organization", identifier: { system: ods, value: "B54321" } },
        },
      ],
    ],
    [
      "tells a death informally, with its date",
      { deceased: true, deathDate: "2026-05-30" },
      {},
      [{ op: "add", path: "/deceasedDateTime", value: "2026-05-30T00:00:00+00:00" }, informal],
    ],
    [
      "corrects the date of an informal death and leaves its notification",
      { deathDate: "2026-05-29" },
      { deceasedDateTime: "2026-05-30T00:00:00+00:00", extension: [deathNotice("1")] },
      [{ op: "replace", path: "/deceasedDateTime", value: "2026-05-29T00:00:00+00:00" }],
    ],
    [
      "puts a notification in the place of one that was taken back",
      { deceased: true, deathDate: "2026-05-30" },
      { extension: [{ url: "https://example.org/other" }, deathNotice("U")] },
      [
        { op: "add", path: "/deceasedDateTime", value: "2026-05-30T00:00:00+00:00" },
        { ...informal, op: "replace", path: "/extension/1" },
      ],
    ],
  ])("%s", (_what, changes, more, operations) => {
    expect(patch(changes, more)).toEqual(operations);
  });

  test.each<[PersonChanges, object, string, string]>([
    [{ nhsNumber: "9990000026" }, {}, "nhsNumber", "PDS_NOT_HELD"],
    [{ nhsNumberStatus: "02" }, {}, "nhsNumberStatus", "PDS_NOT_HELD"],
    [{ country: "GB" }, {}, "country", "PDS_NOT_HELD"],
    [{ familyName: null }, {}, "familyName", "PDS_REQUIRED"],
    [{ givenName: "Ada" }, bare, "familyName", "PDS_REQUIRED"],
    [{ givenName: null }, {}, "givenName", "PDS_REQUIRED"],
    [{ gender: null }, {}, "gender", "PDS_NOT_REMOVABLE"],
    [{ gender: "other" }, {}, "gender", "PDS_NOT_SETTABLE"],
    [{ birthDate: null }, {}, "birthDate", "PDS_NOT_REMOVABLE"],
    [{ birthDate: "1980-05" }, {}, "birthDate", "PDS_NOT_SETTABLE"],
    [{ gpPracticeCode: null }, {}, "gpPracticeCode", "PDS_NOT_REMOVABLE"],
    [{ deceased: true }, {}, "deathDate", "PDS_REQUIRED"],
    [{ deceased: false }, { deceasedDateTime: "2026-05-30" }, "deceased", "PDS_NOT_REMOVABLE"],
    [{ deathDate: null }, { deceasedDateTime: "2026-05-30" }, "deathDate", "PDS_NOT_REMOVABLE"],
    [{ deathDate: "2026-05-29" }, { extension: [deathNotice("2")] }, "deathDate", "PDS_FORMAL_DEATH"],
  ])("is refused at the field for what the service does not take: %#", (changes, more, at, reason) => {
    let thrown: unknown;
    try {
      patch(changes, more);
    } catch (error) {
      thrown = error;
    }
    const { code, ...error } = thrown as LockgateError;
    expect({ code, at: error.at, reason: error.reason }).toEqual({ code: "NATIONAL_REFUSED", at, reason });
  });

  test("has no operation for what does not change", () => {
    expect(patch({})).toEqual([]);
    expect(patch({ phone: null, addressLine1: null }, bare)).toEqual([]);
  });
});
