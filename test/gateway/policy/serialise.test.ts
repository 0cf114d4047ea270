// What each role is shown of each type of object, by examples.

import { describe, expect, test } from "vitest";
import { personFields, whereabouts } from "#canonical/model";
import { purposes } from "../../../src/gateway/policy/actions.ts";
import { readMasks } from "../../../src/gateway/policy/masks.ts";
import { roles } from "../../../src/gateway/policy/roles.ts";
import { openSerialiser } from "../../../src/gateway/policy/serialise.ts";
import type { Access } from "../../../src/gateway/policy/types.ts";
import { FOLDER } from "./askers.ts";

const masks = readMasks(`${FOLDER}/masks.yaml`);
const { write } = openSerialiser(masks);

const of = (access: Partial<Access>): Access => ({
  action: "persons.read",
  roles: [],
  scopes: [],
  purpose: undefined,
  ...access,
});
const steward = of({ roles: ["steward"], purpose: "administration" });
const operator = of({ roles: ["operator"], purpose: "administration", action: "demographics.follow" });

const somebody = {
  id: "0198c7a0-0000-7000-8000-000000000001",
  nhsNumber: "9990000018",
  familyName: "Testname",
  birthDate: "1980-05-17",
  addressLine1: "1 Test Lane",
  postcode: "ZZ99 3VZ",
  gpPracticeCode: "Y99999",
};

describe("a person", () => {
  test("is shown whole to a steward, with whereabouts where the record says that it is not restricted", () => {
    expect(write("person", { ...somebody, restricted: false }, steward)).toEqual({ ...somebody, restricted: false });
  });

  const everyAccess = roles.flatMap((role) =>
    purposes.map((purpose) => of({ roles: [role], scopes: ["persons.read"], purpose })),
  );
  test.each([{ restricted: true }, { restricted: undefined }, { restricted: "false" }, { restricted: 0 }, {}])(
    "with %j keeps its whereabouts to itself, whatever the role and purpose",
    (flag) => {
      for (const access of everyAccess) {
        const told = JSON.stringify(write("person", { ...somebody, ...flag }, access));
        expect(told).not.toMatch(/Test Lane|ZZ99|Y99999/);
      }
    },
  );

  test("is masked for an operator who follows a change", () => {
    expect(write("person", { ...somebody, restricted: false }, operator)).toEqual({
      id: somebody.id,
      restricted: false,
      nhsNumber: "•••018",
      birthDate: "1980",
    });
  });

  test("is nothing to finance, auditors and administrators", () => {
    for (const role of ["finance", "auditor", "administrator"] as const)
      for (const purpose of purposes) expect(write("person", somebody, of({ roles: [role], purpose }))).toEqual({});
  });

  test("has a mask for every field of the canonical person, with whereabouts where the model has them", () => {
    const named = masks.types.person.flatMap(({ fields, whereabouts: where }) =>
      fields.map((field) => [field, where] as const),
    );
    const byName = new Map(named);
    expect(personFields.filter((field) => !byName.has(field))).toEqual([]);
    expect(
      named
        .filter(([, where]) => where === "always")
        .map(([field]) => field)
        .toSorted(),
    ).toEqual([...whereabouts].toSorted());
  });
});

describe("a work item", () => {
  const rows = [
    { field: "familyName", current: "Old", proposed: "New", code: "RC-100", risk: "high" },
    { field: "postcode", current: "ZZ99 3VZ", proposed: "ZZ99 3WZ", code: "RC-100", risk: "low" },
    { field: "unheard-of", current: "ZZ99 3VZ", code: "RC-100", risk: "low" },
  ];
  const approver = of({ roles: ["approver"], purpose: "administration", action: "work.show" });

  test("shows its rows to whoever decides", () => {
    expect(write("workItem", { content: { rows }, restricted: false }, approver)).toEqual({ content: { rows } });
  });

  test("keeps the rows that tell where a restricted person is without their values", () => {
    expect(write("workItem", { content: { rows }, restricted: true }, approver)).toEqual({
      content: {
        rows: [
          rows[0],
          { field: "postcode", code: "RC-100", risk: "low" },
          { field: "unheard-of", code: "RC-100", risk: "low" },
        ],
      },
    });
  });

  test("shows nothing of its content in a list", () => {
    const listed = of({ roles: ["operator"], action: "work.list" });
    expect(write("workItem", { id: "x", title: "t", content: { rows }, restricted: false }, listed)).toEqual({
      id: "x",
      title: "t",
    });
  });
});

test("the body of a message is for those who asked to look into it", () => {
  const message = { id: "x", body: "TVNI", restricted: false };
  const engineer = of({ roles: ["integration-engineer"], purpose: "administration", action: "messages.read" });
  expect(write("message", message, engineer)).toEqual({ id: "x" });
  expect(write("message", message, { ...engineer, action: "message.content.reveal" })).toEqual({
    id: "x",
    body: "TVNI",
  });
});

test.each([
  ["123", "•••"],
  ["1234567", "•••"],
  ["12345678", "•••678"],
  [12345678, "•••"],
  [null, "•••"],
])("a business key of %j is masked as %j", (value, masked) => {
  const access = of({ roles: ["operator"], purpose: "administration" });
  expect(write("journey", { businessKeys: [{ kind: "k", value }] }, access)).toEqual({
    businessKeys: [{ kind: "k", value: masked }],
  });
});

test.each(["1980", "somewhen", "", 1980])(
  "a date of birth such as %j, which has no more than its year, is dots",
  (birthDate) => {
    expect(write("person", { birthDate }, operator)).toEqual({ birthDate: "•••" });
  },
);

test.each(["nobody", "__proto__", "constructor", "Person", ""])(
  "an unknown type such as %j is an empty object",
  (type) => {
    expect(write(type, somebody, steward)).toEqual({});
  },
);

test.each([
  ["a text", "MARKER"],
  ["nothing", null],
  ["a function", () => "MARKER"],
])("%s is no object to show", (_what, value) => expect(write("person", value, steward)).toEqual({}));

test("instants are shown in UTC, and what pretends to be one is not asked", () => {
  const at = new Date(Date.UTC(2026, 2, 1, 9));
  at.toJSON = () => "MARKER";
  at.toISOString = () => "MARKER";
  expect(write("saga", { startedAt: at, changedAt: new Date(Number.NaN) }, steward)).toEqual({
    startedAt: "2026-03-01T09:00:00.000Z",
  });
  expect(write("saga", { startedAt: { toISOString: () => "MARKER", toJSON: () => "MARKER" } }, steward)).toEqual({});
});

test("getters do not run, and prototypes do not count", () => {
  let ran = 0;
  const value = Object.create(
    { id: "MARKER" },
    {
      version: {
        enumerable: true,
        get: () => {
          ran += 1;
          return "MARKER";
        },
      },
    },
  );
  expect(write("person", value, steward)).toEqual({});
  expect(ran).toBe(0);
});
