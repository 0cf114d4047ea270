// Holds the decisions to the order of the rules: vetoes, patterns, steps, and a leader that leads.

import { describe, expect, test } from "vitest";
import { type MatchCode, matchCodes, readMatchRules, readModel } from "#services/matching";
import { decided, jane, janeUnnumbered, judged, rules } from "./rig.ts";

type Fields = Parameters<typeof decided>[0];

const other = "9000004527";

test.each([
  ["MT-100", "link", jane, { addressLine1: "1 New Road", postcode: "LS1 4AP", phone: "" }],
  ["MT-101", "link", jane, { birthDate: "1980-05" }],
  ["MT-130", "link", janeUnnumbered, {}],
  [
    "MT-200",
    "review",
    janeUnnumbered,
    { addressLine1: "", postcode: "", phone: "", town: "", gender: "unknown", familyName: "Shaw" },
  ],
  ["MT-200", "review", janeUnnumbered, { familyName: "Shaw", birthDate: "1952-05-23" }],
  ["MT-203", "review", janeUnnumbered, { givenName: "Olivia" }],
  ["MT-203", "review", jane, { givenName: "Oliver", gender: "male" }],
  ["MT-203", "review", janeUnnumbered, { givenName: "Baby" }],
  ["MT-203", "review", janeUnnumbered, { givenName: "J" }],
  ["MT-204", "review", janeUnnumbered, { birthDate: "1971-05-23" }],
  ["MT-204", "none", janeUnnumbered, { birthDate: "1952-11-02" }],
  ["MT-204", "review", janeUnnumbered, { birthDate: "" }],
  ["MT-205", "none", janeUnnumbered, { givenName: "", birthDate: "" }],
  ["MT-210", "review", jane, { nhsNumber: other }],
  ["MT-210", "none", jane, { nhsNumber: other, givenName: "Oliver", birthDate: "1951-02-03" }],
  ["MT-211", "none", jane, { nhsNumber: "", givenName: "Oliver", birthDate: "1951-02-03" }],
  [
    "MT-301",
    "none",
    janeUnnumbered,
    { familyName: "Shaw", birthDate: "1991-02-03", addressLine1: "", postcode: "", phone: "" },
  ],
] as const satisfies readonly (readonly [MatchCode, string, Fields, Fields])[])(
  "%s: a pair is decided as %s",
  (code, decision, one, change) => {
    const pair = decided(one, { ...one, ...change });
    expect({ code: pair.code, decision: pair.decision }).toEqual({ code, decision });
  },
);

test("a superseded number is no other number, and with the birth date it is enough", () => {
  expect(decided(jane, { ...jane, nhsNumber: other }, { superseded: true })).toMatchObject({
    decision: "link",
    code: "MT-102",
  });
});

test("what a steward said is stronger than any agreement", () => {
  expect(decided(jane, jane, { neverSame: true })).toMatchObject({ decision: "none", code: "MT-212" });
});

describe("steps and patterns can be switched off", () => {
  const without = (change: object) => ({ ...rules, ...change });
  test.each([
    ["crossCheck", jane, jane, "MT-130"],
    ["probabilistic", janeUnnumbered, janeUnnumbered, "MT-301"],
  ] as const)("the step %s", (step, one, two, code) => {
    expect(decided(one, two, {}, without({ steps: { ...rules.steps, [step]: false } })).code).toBe(code);
  });
  test("the patterns, and then the weight decides", () => {
    const pack = without({ patterns: { twins: false, sameName: false } });
    expect(decided(janeUnnumbered, { ...janeUnnumbered, givenName: "Olivia" }, {}, pack).code).not.toBe("MT-203");
    expect(decided(janeUnnumbered, { ...janeUnnumbered, birthDate: "1952-11-02" }, {}, pack).code).not.toBe("MT-204");
  });
});

describe("one record against many", () => {
  const stranger: Fields = { givenName: "Oliver", familyName: "Shaw", birthDate: "1951-02-03", gender: "male" };
  const faint: Fields = { givenName: "Jane", familyName: "Threlfall", birthDate: "1980-05-28", gender: "female" };

  test("the one who fits is linked, whatever the order of the candidates", () => {
    for (const others of [
      [stranger, jane],
      [jane, stranger],
    ]) {
      const verdict = judged(jane, others);
      expect(verdict).toMatchObject({ decision: "link", code: "MT-100", link: String(others.indexOf(jane)) });
    }
  });
  test("nobody is linked of two who fit", () => {
    expect(judged(jane, [jane, jane])).toMatchObject({ decision: "review", code: "MT-201", link: null, margin: 0 });
  });
  test("the best is not linked unless it is clearly ahead of the next possible one", () => {
    const near: Fields = {
      ...{ ...janeUnnumbered, familyName: "Shaw", gender: "unknown" },
      ...{ addressLine1: "", postcode: "", phone: "", town: "" },
    };
    expect(judged(janeUnnumbered, [janeUnnumbered, near], [], { ...rules, leaderAdvantage: 60 })).toMatchObject({
      decision: "review",
      code: "MT-202",
    });
    expect(judged(janeUnnumbered, [janeUnnumbered, stranger])).toMatchObject({ decision: "link", code: "MT-130" });
  });
  test("nobody fits where there is no candidate, or none that is possible", () => {
    expect(judged(jane, [])).toMatchObject({ decision: "none", code: "MT-300", runnerUp: null, margin: null });
    expect(judged(janeUnnumbered, [{ ...faint, familyName: "Shaw", birthDate: "1991-02-03" }])).toMatchObject({
      decision: "none",
      code: "MT-301",
    });
  });
  test.each([
    [{ givenName: "Jane", familyName: "Threlfall", gender: "female", postcode: "TA3 7LD" }],
    [{ birthDate: "1980-05-23", givenName: "Jane" }],
  ] as const)("too little is never matched: %j", (subject) => {
    expect(judged(subject, [jane])).toMatchObject({ decision: "none", code: "MT-302" });
  });
  test("a possible candidate is linked where all that is told agrees, of it alone", () => {
    const pack = { ...rules, steps: { ...rules.steps, probabilistic: true } };
    const verdict = judged(janeUnnumbered, [janeUnnumbered], [], pack);
    expect(verdict.decision).toBe("link");
  });
  test("a veto wins over a leader that has the same number of points", () => {
    expect(judged(jane, [jane], [{ neverSame: true }])).toMatchObject({ decision: "none", code: "MT-212", link: null });
  });
  test("the verdict says by which model, rules and state it was made", () => {
    expect(judged(jane, [jane, stranger])).toMatchObject({
      model: { name: "uk", version: "2" },
      rules: { name: "matching", version: "1" },
      asAt: "2026-11-21T09:00:00Z",
    });
  });
});

test("every code has its text", () => {
  expect(Object.entries(matchCodes).filter(([code, text]) => !/^MT-[0-9]{3}$/.test(code) || text.length < 10)).toEqual(
    [],
  );
});

test.each([
  ["not JSON", "{", /not JSON/],
  ["a field too many", JSON.stringify({ ...JSON.parse('{"name":"x"}'), surprise: 1 }), /RULES_INVALID|version|Invalid/],
])("a model is refused: %s", (_, text) => {
  expect(() => readModel(text)).toThrowError(expect.objectContaining({ code: "RULES_INVALID" }));
});

test.each([["{"], ["name: x"], ["name: x\nversion: '1'\nvetoes: off"]])("rules are refused: %j", (text) => {
  expect(() => readMatchRules(text)).toThrowError(expect.objectContaining({ code: "RULES_INVALID" }));
});
