// What the demo's pack decides: every risk in every stance, new persons, the restricted, and what people are asked.

import { describe, expect, test } from "vitest";
import type { PersonChanges } from "#canonical/model";
import {
  askToMerge,
  type DecisionInput,
  decideAgain,
  differencesOf,
  type NationalWord,
  readPack,
} from "#canonical/packs";
import {
  BAD_NUMBER,
  decided,
  demo,
  demoWith,
  found,
  identity,
  known,
  NUMBER,
  OTHER_NUMBER,
  strictText,
  verdictOn,
} from "./sides.ts";

/** A value that is proposed, and what the national service says of it in each stance. */
const nobody: NationalWord = { outcome: "none" };
const inStance = (field: keyof PersonChanges, value: string | boolean, other: string | boolean) => ({
  agrees: found({ [field]: value }),
  differs: found({ [field]: other }),
  silent: found({ [field]: null }),
  unknown: nobody,
});

describe("the demo's pack on a known person", () => {
  // field, ERP, proposed, otherwise nationally -> agrees, differs, silent, unknown
  test.each<[keyof PersonChanges, string | boolean, string | boolean, string | boolean, string[]]>([
    ["town", "Exeter", "Truro", "Bath", ["apply", "apply", "apply", "apply"]],
    ["phone", "+441632960001", "+441632960002", "+441632960003", ["apply", "apply", "apply", "apply"]],
    ["gpPracticeCode", "L83100", "L83101", "L83102", ["apply", "approve", "apply", "apply"]],
    ["familyName", "Example", "Sample", "Thirdname", ["approve", "steward", "approve", "approve"]],
    ["givenName", "Anne", "Una", "Eve", ["approve", "steward", "approve", "approve"]],
    ["gender", "female", "male", "other", ["approve", "steward", "steward", "approve"]],
    ["deceased", false, true, false, ["approve", "approve", "approve", "approve"]],
    ["deathDate", "2026-01-01", "2026-01-02", "2026-01-03", ["approve", "approve", "approve", "approve"]],
  ])("rules on a changed %s by what the national service says", (field, current, proposed, other, expected) => {
    const verdicts = Object.values(inStance(field, proposed, other)).map((national) =>
      verdictOn(field, known({ [field]: proposed }, national, { [field]: current })),
    );
    expect(verdicts).toEqual(expected);
  });

  test.each<[string, DecisionInput, string]>([
    [
      "a birth date that is agreed on needs an approver",
      known({ birthDate: "1980-05-18" }, found({ birthDate: "1980-05-18" })),
      "approve",
    ],
    [
      "one that is not told goes to a steward",
      known({ birthDate: "1980-05-18" }, found({ birthDate: null })),
      "steward",
    ],
    [
      "one that differs goes to a steward with the whole person",
      known({ birthDate: "1980-05-18" }, found()),
      "steward",
    ],
    ["one of nobody known nationally needs an approver", known({ birthDate: "1980-05-18" }, nobody), "approve"],
  ])("asks about a changed birth date: %s", (_, input, verdict) => {
    expect(verdictOn("birthDate", input)).toBe(verdict);
  });

  test.each<[string, DecisionInput, string, string]>([
    ["found by a trace, where none was held", known({}, found(), { nhsNumber: null }), "approve", "06"],
    ["agreed on", known({ nhsNumber: NUMBER }, found(), { nhsNumber: OTHER_NUMBER }), "approve", "06"],
    ["that replaced the one held", known({}, found({ nhsNumber: OTHER_NUMBER }, {}, NUMBER)), "approve", "06"],
    ["that nobody knows", known({ nhsNumber: OTHER_NUMBER }, nobody), "approve", "04"],
    [
      "of other demographics",
      known({ nhsNumber: OTHER_NUMBER }, found({ nhsNumber: OTHER_NUMBER, birthDate: "1999-01-01" })),
      "steward",
      "05",
    ],
    ["that another local person has", { ...known({}, found(), { nhsNumber: null }), duplicate: true }, "steward", "06"],
    ["that cannot be one", known({ nhsNumber: BAD_NUMBER }, nobody), "refuse", "04"],
    ["that is held already", known({ nhsNumber: NUMBER }, found()), "same", "01"],
  ])("rules on a number %s", (_, input, verdict, status) => {
    expect(decided(input).nhsNumberStatus).toBe(status);
    expect(verdictOn("nhsNumber", input)).toBe(verdict);
  });

  test("holds the number's status back only while the number waits", () => {
    const waiting = known({ town: "Truro" }, found(), { nhsNumber: null });
    expect(decided(waiting)).toMatchObject({ nhsNumberStatus: "06", ask: { fields: ["nhsNumber"] } });
    expect(decided(known({ town: "Truro" }, found()))).toMatchObject({ nhsNumberStatus: "01", ask: null });
  });

  test.each<[string, DecisionInput, string]>([
    ["a first name that is agreed on", known({ middleNames: "May" }, found({ middleNames: "May" })), "apply"],
    ["a first name that is not told", known({ middleNames: "May" }, found()), "approve"],
    ["another spelling", known({ familyName: "Example" }, found(), { familyName: "EXAMPLE" }), "apply"],
    ["a first gender that is agreed on", known({ gender: "female" }, found({ gender: "female" })), "approve"],
    ["a removed name", known({ middleNames: null }, found(), { middleNames: "May" }), "approve"],
    ["a removed address", known({ town: null }, found(), { town: "Truro" }), "apply"],
  ])("lets pass or asks about %s", (_, input, verdict) => {
    const field = Object.keys(input.proposed)[0]!;
    expect(verdictOn(field, input)).toBe(verdict);
  });

  test("changes nothing where nothing differs from the ERP", () => {
    const decision = decided(known({ ...identity, town: "Exeter" }, found(), { town: "Exeter" }));
    expect(new Set(decision.fields.map(({ verdict }) => verdict))).toEqual(new Set(["same"]));
    expect(decision).toMatchObject({ ask: null, unverified: false, person: { verdict: "proceed" } });
  });

  test("proposes a death that only the national service knows of to two people", () => {
    const decision = decided(known({ town: "Truro" }, found({ deathDate: "2026-02-03" }, { death: "formal" })));
    expect(decision.fields).toMatchObject([
      { field: "town", verdict: "apply" },
      { field: "deceased", verdict: "approve", risk: "grave", stance: "agrees" },
      { field: "deathDate", verdict: "approve" },
    ]);
    expect(decision.ask).toMatchObject({ kind: "approve", quorum: 2, fields: ["deceased", "deathDate"] });
  });

  test.each<[string, DecisionInput]>([
    ["conflict", known({ town: "Truro", familyName: "Sample" }, found({ birthDate: "1999-01-01" }))],
    ["invalidated", known({ town: "Truro", familyName: "Sample" }, { outcome: "invalidated" })],
  ])("writes nothing at all before a steward has looked: %s", (stance, input) => {
    const decision = decided(input);
    expect(decision.person).toMatchObject({ stance, verdict: "steward" });
    expect(decision.fields.filter(({ verdict }) => verdict !== "same").map(({ verdict }) => verdict)).toEqual([
      "steward",
      "steward",
    ]);
    expect(decision).toMatchObject({
      ask: { kind: "steward", roles: ["steward"] },
      unverified: false,
      nhsNumberStatus: "05",
    });
    expect(decided({ ...input, proposed: {} }).ask).toMatchObject({ kind: "steward", fields: [] });
  });

  test("leaves what somebody changed in the ERP since to a steward", () => {
    const decision = decided({ ...known({ town: "Truro", phone: "+441632960001" }, found()), moved: ["town"] });
    expect(decision.fields.map(({ field, verdict }) => [field, verdict])).toEqual([
      ["town", "steward"],
      ["phone", "apply"],
    ]);
  });

  test("says whether all that is applied is verified", () => {
    expect(decided(known({ town: "Truro" }, found({ town: "TRURO" }))).unverified).toBe(false);
    expect(decided(known({ town: "Truro" }, found())).unverified).toBe(true);
    expect(decided(known({ town: "Truro" }, nobody)).unverified).toBe(true);
    expect(decided(known({ familyName: "Sample" }, nobody)).unverified).toBe(false);
  });
});

describe("the demo's pack on a new person", () => {
  const newcomer = (national: NationalWord, proposed: PersonChanges = {}): DecisionInput => ({
    erp: null,
    proposed: { ...identity, gender: "female", town: "Exeter", ...proposed },
    national,
  });

  test.each<[string, NationalWord, "proceed" | "steward", boolean, string]>([
    ["found", found(), "proceed", false, "01"],
    ["known to nobody", nobody, "proceed", true, "04"],
    ["like several", { outcome: "several" }, "proceed", true, "04"],
    ["too little known to ask", { outcome: "insufficient" }, "proceed", true, "02"],
    ["not asked about", { outcome: "unasked" }, "proceed", true, "02"],
    ["of other demographics", found({ birthDate: "1999-01-01" }), "steward", false, "05"],
    ["withdrawn", { outcome: "invalidated" }, "steward", false, "05"],
    ["nationally dead and said to be alive", found({}, { death: "formal" }), "steward", false, "01"],
  ])("registers as told, or leaves to a steward, one who is %s", (_, national, verdict, unverified, status) => {
    const decision = decided(newcomer(national));
    expect(decision.person.verdict).toBe(verdict);
    const told = decision.fields.filter(({ field }) => Object.hasOwn(newcomer(national).proposed, field));
    expect(new Set(told.map((one) => one.verdict))).toEqual(new Set([verdict === "proceed" ? "apply" : "steward"]));
    expect(decision.unverified).toBe(unverified);
    expect(decision.nhsNumberStatus).toBe(verdict === "steward" && status === "01" ? "06" : status);
    expect(decision.ask === null).toBe(verdict === "proceed");
  });

  test("registers one who is said to be dead, and leaves the death to two people", () => {
    const decision = decided(newcomer(found({}, { death: "formal" }), { deceased: true }));
    expect(decision).toMatchObject({
      person: { verdict: "proceed" },
      ask: { kind: "approve", quorum: 2, fields: ["deceased"] },
    });
  });

  test("asks about the number that a trace found, and registers the rest", () => {
    const decision = decided(newcomer(found(), { nhsNumber: null }));
    // An explicit removal is the hospital's word; without one the national service proposes.
    expect(decision.fields.find(({ field }) => field === "nhsNumber")).toMatchObject({ verdict: "same" });
    const { nhsNumber: _, ...others } = identity;
    const unnumbered = decided({ erp: null, proposed: others, national: found() });
    expect(unnumbered).toMatchObject({ ask: { kind: "approve", fields: ["nhsNumber"] }, nhsNumberStatus: "06" });
  });
});

describe("a restricted person", () => {
  const everywhere = {
    addressLine1: "1 High St",
    addressLine2: "x",
    town: "Truro",
    county: "x",
    postcode: "TR1 1AA",
    country: "GB",
    phone: "+441632960001",
    email: "a@example.org",
    gpPracticeCode: "L83100",
  };

  test("gets no whereabouts, known or new, and the rest is ruled on as ever", () => {
    for (const erp of [{ ...identity }, null]) {
      const proposed = { ...everywhere, ...(erp ? { familyName: "Sample" } : identity) };
      const decision = decided({ erp, proposed, national: found({ town: "Bath" }, { restricted: true }) });
      const refused = decision.fields.filter(({ verdict }) => verdict === "refuse");
      expect(refused.map(({ field }) => field)).toEqual(Object.keys(everywhere));
      expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["MT-310"]));
      expect(decision.fields.find(({ field }) => field === "familyName")?.verdict).toBe(erp ? "steward" : "apply");
    }
  });

  test("gets nothing that the pack does not list", () => {
    const narrow = demoWith((plain) => Object.assign(plain, { restricted: { write: ["familyName"] } }));
    const input = known({ familyName: "Sample", title: "Dr" }, found({}, { restricted: true }));
    expect(decided(input, narrow).fields).toMatchObject([
      { field: "title", verdict: "refuse", code: "MT-310" },
      { field: "familyName", verdict: "steward", code: "RC-401" },
    ]);
  });
});

describe("what people are asked", () => {
  const HOUR_MS = 3_600_000;

  test("is one question as strict as the strictest part of it", () => {
    const all = known({ familyName: "Sample", gender: "male", deceased: true, deathDate: "2026-02-03" }, nobody);
    expect(decided(all).ask).toEqual({
      kind: "approve",
      queue: "demographics",
      domain: "demographics",
      roles: ["approver", "steward"],
      quorum: 2,
      criticality: "critical",
      dueMs: 4 * HOUR_MS,
      expiresMs: 720 * HOUR_MS,
      reason: "RC-402",
      fields: ["familyName", "gender", "deceased", "deathDate"],
    });
  });

  test("is a steward's as soon as one part is, with the quorum of the gravest part", () => {
    const mixed = known({ familyName: "Sample", deceased: true }, found());
    expect(decided(mixed).ask).toMatchObject({
      kind: "steward",
      queue: "demographics-steward",
      roles: ["steward"],
      quorum: 2,
      criticality: "critical",
    });
  });

  test("is for those who may decide every part; where nobody may, for those of the gravest", () => {
    const input = known({ familyName: "Sample", deceased: true }, nobody);
    const apart = demoWith(({ approvals }) => {
      approvals.approve.medium.roles = ["clerk"];
      approvals.approve.grave.roles = ["registrar", "approver"];
    });
    expect(decided(input, apart).ask?.roles).toEqual(["registrar", "approver"]);
    const shared = demoWith(({ approvals }) => {
      approvals.approve.medium.roles = ["clerk", "approver"];
      approvals.approve.grave.roles = ["registrar", "approver"];
    });
    expect(decided(input, shared).ask?.roles).toEqual(["approver"]);
  });

  test("of a merge is asked of two", () => {
    expect(askToMerge(demo, "RC-401")).toMatchObject({
      kind: "approve",
      queue: "demographics-merge",
      quorum: 2,
      reason: "RC-401",
    });
  });
});

describe("deciding again by another pack", () => {
  test("takes the record for all it needs, and says in what the two differ", () => {
    const recorded = JSON.parse(
      JSON.stringify(known({ town: "Truro", gender: "male" }, nobody, { town: "Exeter" })),
    ) as DecisionInput;
    const was = decideAgain(recorded, demo);
    expect(was).toEqual(decided(recorded));
    expect(differencesOf(was, was)).toEqual([]);
    expect(differencesOf(was, decideAgain(recorded, readPack(strictText)))).toEqual([
      { field: "gender", was: "approve", would: "steward" },
      { field: "town", was: "apply", would: "approve" },
      { field: "ask", was: "approve by 1 of approver, steward", would: "steward by 2 of steward" },
    ]);
  });
});
