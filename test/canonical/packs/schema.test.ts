// What a rule pack may say: the shipped ones are taken, and what must never be allowed is refused with its place and reason.

import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readPack } from "#canonical/packs";
import { LockgateError } from "#kernel/errors";
import { demo, demoText, demoWith, plainDemo, strictText } from "./sides.ts";

const refusal = (text: string): LockgateError => {
  try {
    readPack(text);
  } catch (thrown) {
    if (thrown instanceof LockgateError) return thrown;
    throw thrown;
  }
  throw new Error("it was taken");
};

type Change = (plain: ReturnType<typeof plainDemo>) => void;

describe("a rule pack", () => {
  test.each([
    ["the demo's", demoText],
    ["the stricter one", strictText],
  ])("that is shipped is taken: %s", (_, text) => {
    expect(readPack(text)).toMatchObject({ name: "demographics", digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("goes by the digest of its content: comments, order and white space do not count, a value does", () => {
    const reversed = Object.fromEntries(Object.entries(plainDemo()).toReversed());
    expect(readPack(stringify(reversed)).digest).toBe(demo.digest);
    expect(demoWith(({ merge }) => Object.assign(merge, { dueHours: 25 })).digest).not.toBe(demo.digest);
    expect(demoWith((plain) => Object.assign(plain, { version: "2" })).digest).not.toBe(demo.digest);
  });

  test("may tell a verdict apart by authority, or not", () => {
    expect(demo.rules.low.differs).toEqual({ local: "apply", national: "approve" });
    expect(demo.rules.low.agrees).toEqual({ local: "apply", national: "apply" });
  });

  test.each<[string, Change, string, RegExp]>([
    ["leaves out a field", ({ fields }) => delete fields.email, "fields.email", /object/],
    [
      "rules on the number's status",
      ({ fields }) => Object.assign(fields, { nhsNumberStatus: fields.title }),
      "fields",
      /nhsNumberStatus/,
    ],
    ["has a part that nobody knows", (plain) => Object.assign(plain, { extra: 1 }), "the pack", /extra/],
    [
      "names a risk that there is not",
      ({ fields }) => Object.assign(fields.title, { risk: "none" }),
      "fields.title.risk",
      /low/,
    ],
    [
      "names a verdict that there is not",
      ({ rules }) => Object.assign(rules.low, { silent: "maybe" }),
      "rules.low.silent",
      /one of apply/,
    ],
    ["leaves out a stance", ({ rules }) => delete rules.low.silent, "rules.low.silent", /./],
    ["leaves out a risk class", ({ rules }) => delete rules.grave, "rules.grave", /./],
    ["has no version", (plain) => delete plain.version, "version", /string/],
    ["has a number for a version", (plain) => Object.assign(plain, { version: 1 }), "version", /string/],
    ["has a name with a blank", (plain) => Object.assign(plain, { name: "a b" }), "name", /small letters/],
    [
      "lets nobody decide",
      ({ approvals }) => Object.assign(approvals.approve.low, { roles: [] }),
      "approvals.approve.low.roles",
      /./,
    ],
    [
      "asks half a person",
      ({ approvals }) => Object.assign(approvals.approve.low, { quorum: 0.5 }),
      "approvals.approve.low.quorum",
      /int/,
    ],
    [
      "expires before it is due",
      ({ merge }) => Object.assign(merge, { dueHours: 9, expiresHours: 8 }),
      "merge.expiresHours",
      /before it is due/,
    ],
    ["lets one person merge", ({ merge }) => Object.assign(merge, { quorum: 1 }), "merge.quorum", /two people/],
    [
      "lets one person approve a death",
      ({ approvals }) => Object.assign(approvals.approve.grave, { quorum: 1 }),
      "approvals.approve.grave.quorum",
      /two people/,
    ],
    [
      "lets one steward settle a death",
      ({ approvals }) => Object.assign(approvals.steward.grave, { quorum: 1 }),
      "approvals.steward.grave.quorum",
      /two people/,
    ],
    [
      "lowers a death's risk to one approver's",
      ({ fields }) => Object.assign(fields.deathDate, { risk: "high" }),
      "approvals.approve.high.quorum",
      /deathDate/,
    ],
    ["lets a conflict through", (plain) => Object.assign(plain, { conflict: "apply" }), "conflict", /steward/],
    [
      "lets a withdrawn record through",
      (plain) => Object.assign(plain, { invalidated: "approve" }),
      "invalidated",
      /steward/,
    ],
    [
      "registers the dead as alive",
      ({ newPerson }) => Object.assign(newPerson, { nationallyDeceased: "apply" }),
      "newPerson.nationallyDeceased",
      /steward/,
    ],
    ["applies a replaced number", (plain) => Object.assign(plain, { superseded: "apply" }), "superseded", /approve/],
  ])("that %s is refused with the place and the reason", (_, change, at, reason) => {
    const plain = plainDemo();
    change(plain);
    expect(refusal(stringify(plain))).toMatchObject({
      code: "RULES_INVALID",
      at,
      reason: expect.stringMatching(reason),
    });
  });

  test.each(["birthDate", "nhsNumber", "gender", "deceased", "deathDate"])(
    "that would write %s without a person in any stance is refused, by its own risk or by another's",
    (field) => {
      const { risk, authority } = demo.fields[field as "gender"];
      for (const stance of ["agrees", "differs", "silent", "unknown"] as const) {
        const all = plainDemo();
        all.rules[risk][stance] = "apply";
        expect(refusal(stringify(all))).toMatchObject({ at: `rules.${risk}.${stance}` });
        const one = plainDemo();
        one.rules[risk][stance] = { local: "approve", national: "approve", [authority]: "apply" };
        expect(refusal(stringify(one))).toMatchObject({ at: `rules.${risk}.${stance}` });
      }
      const lowered = plainDemo();
      lowered.fields[field].risk = "low";
      expect(refusal(stringify(lowered)).reason).toMatch(new RegExp(`${field} (is never written|needs two)`));
    },
  );

  test.each([
    "addressLine1",
    "addressLine2",
    "town",
    "county",
    "postcode",
    "country",
    "phone",
    "email",
    "gpPracticeCode",
  ])("that would write %s of a restricted person is refused", (field) => {
    const plain = plainDemo();
    plain.restricted.write.push(field);
    expect(refusal(stringify(plain))).toMatchObject({
      code: "RULES_INVALID",
      reason: `${field} tells where a restricted person is`,
    });
  });

  test.each([
    ["no YAML", "name: [", "line 1"],
    ["a key twice", "name: a\nname: b\n", "line 2"],
    ["nothing", "", "the pack"],
    ["a list", "- a\n", "the pack"],
  ])("that is %s is refused in one line", (_, text, at) => {
    const { message, at: where } = refusal(text);
    expect(where).toBe(at);
    expect(message).not.toContain("\n");
  });
});
