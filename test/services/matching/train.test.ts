// Holds training to its promises: every level among its own, no example of one person where a veto speaks, strangers by parts.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Levels, readModel, train } from "#services/matching";

const start = readModel(readFileSync("resources/matching/generic.json", "utf8"));
const average = { given: 0.008, family: 0.003, town: 0.02 };

const pair = (levels: Partial<Levels>, times: number) => ({
  name: "differs/differs",
  birthDate: "differs",
  gender: "missing",
  household: "missing/missing",
  nhsNumber: "missing",
  email: "missing",
  extra: [],
  shares: { given: undefined, family: undefined, town: undefined, extra: [] },
  sameIdentifier: false,
  bothGivenKnown: false,
  ...levels,
  times,
});

const strangers = [
  pair({}, 98_000),
  pair({ name: "close/differs" }, 1_000),
  pair({ name: "differs/same" }, 1_000),
  pair({ birthDate: "year" }, 1_000),
];
const persons = [
  pair({ name: "same/same", birthDate: "same" }, 900),
  pair({ name: "same/same", birthDate: "swapped" }, 20),
  pair({ name: "same/same", birthDate: "digit" }, 80),
];
const trained = (blocked: readonly ReturnType<typeof pair>[]) =>
  train(start, { random: strangers, blocked, records: 2_000, shares: { average } });

test("day and month in each other's place is learned as one of the levels of birth dates", () => {
  const { birthDate } = trained(persons).comparisons;
  const sum = (kind: "m" | "u") => Object.values(birthDate).reduce((total, cell) => total + cell[kind], 0);
  expect(sum("m")).toBeCloseTo(1, 2);
  expect(birthDate.swapped!.m).toBeLessThan(0.1);
  expect(birthDate.swapped!.u).toBeLessThan(0.001);
});

test("pairs that a veto keeps apart are not learned from as one person", () => {
  const vetoed = pair({ name: "same/same", birthDate: "same", nhsNumber: "differs" }, 1_000);
  const model = trained([...persons, vetoed]);
  expect(model.expectedMatches).toBeGreaterThan(0.9);
  expect(model.expectedMatches).toBeLessThan(1.1);
});

test("a joint level too rare for the sample is as likely among strangers as its parts together", () => {
  const { u } = trained(persons).comparisons.name["close/same"]!;
  expect(u).toBeGreaterThan(0.5e-4);
  expect(u).toBeLessThan(2e-4);
});
