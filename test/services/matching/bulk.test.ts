// Holds matching in bulk to its promises: pairs once, clusters without chains, training without truth, quality on published sets.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { candidatePairs, clusters, comparePairs, countShares, randomPairs, scorer, train } from "#services/matching";
import { runSet } from "../../../bench/matching-run.ts";
import { hasSet, linkageSets } from "../../../bench/matching-sets.ts";
import { extra, generic, jane, prepared, uk } from "./rig.ts";

const link = (a: number, b: number, total = 5) => ({ a, b, total });

test("records that share a key are paired once, the lower place first", () => {
  const people = [
    jane,
    { ...jane, givenName: "Janie" },
    { givenName: "Oliver", familyName: "Shaw", birthDate: "1951-02-03" },
  ].map((one) => prepared(one));
  expect([...candidatePairs(people, extra)]).toEqual([{ a: 0, b: 1 }]);
});

test("a random sample is the same each time, within bounds, and pairs nobody with themselves", () => {
  const drawn = [...randomPairs(10, 500)];
  expect(drawn).toEqual([...randomPairs(10, 500)]);
  expect(drawn.every(({ a, b }) => a >= 0 && a < b && b < 10)).toBe(true);
  expect([...randomPairs(1, 500)]).toEqual([]);
});

test("shares are counted among those who have a value", () => {
  const shares = countShares(
    [{ town: "Leeds" }, { town: "Leeds" }, { town: "York" }, {}].map((one) => prepared(one)),
    extra,
  );
  expect([shares.town("LEEDS"), shares.town("YORK"), shares.town("BATH")]).toEqual([2 / 3, 1 / 3, undefined]);
  expect(shares.average.town).toBeCloseTo(5 / 9);
});

describe("clusters", () => {
  test("join what is linked through others", () => {
    const links = [link(0, 1), link(1, 2), link(0, 2), link(3, 4)];
    expect([...clusters({ records: 6, links, apart: [] })]).toEqual([0, 0, 0, 3, 3, 5]);
  });
  test("never join what is kept apart, and the stronger link wins", () => {
    const links = [link(0, 1, 3), link(1, 2, 9)];
    expect([...clusters({ records: 3, links, apart: [{ a: 0, b: 2 }] })]).toEqual([0, 1, 1]);
  });
  test("are not chained by one doubtful link between two groups", () => {
    const group = (from: number) => [link(from, from + 1), link(from, from + 2), link(from + 1, from + 2)];
    const links = [...group(0), ...group(3), link(2, 3, 1)];
    expect([...clusters({ records: 6, links, apart: [] })]).toEqual([0, 0, 0, 3, 3, 3]);
  });
  test("keep every pair apart that has to be, whatever the links are", () => {
    const pair = fc
      .tuple(fc.nat(9), fc.nat(9))
      .filter(([a, b]) => a < b)
      .map(([a, b]) => ({ a, b }));
    fc.assert(
      fc.property(fc.array(fc.tuple(pair, fc.integer({ min: 0, max: 9 }))), fc.array(pair), (drawn, apart) => {
        const links = drawn.map(([{ a, b }, total]) => ({ a, b, total }));
        const found = clusters({ records: 10, links, apart });
        expect(apart.filter(({ a, b }) => found[a] === found[b])).toEqual([]);
      }),
    );
  });
});

test("training learns without truth that names which slip often say less", () => {
  const families = ["Ashdown", "Birkett", "Corrigan", "Dunmore", "Elphick", "Farrow", "Gledhill", "Hartnoll"];
  const given = ["Agatha", "Boris", "Cedric", "Drusilla", "Egbert"];
  const people = families.flatMap((familyName, f) =>
    given.map((givenName, g) => ({
      givenName,
      familyName,
      birthDate: `19${40 + f * 5 + g}-0${1 + g}-1${f}`,
      gender: "male" as const,
    })),
  );
  const records = people.flatMap((one, index) =>
    [one, { ...one, gender: index % 2 ? ("female" as const) : one.gender }].map((each) => prepared(each)),
  );
  const shares = countShares(records, extra);
  const levels = [...comparePairs(records, candidatePairs(records, extra), { extra, shares })].map(
    (pair) => pair.levels,
  );
  const random = [...comparePairs(records, randomPairs(records.length, 2_000), { extra, shares })].map(
    (pair) => pair.levels,
  );
  const model = train(generic, { random, blocked: levels, records: records.length, extra, shares });
  const gender = (of: typeof generic) => of.comparisons.gender.same!.m;
  expect(gender(model)).toBeLessThan(0.9);
  expect(gender(model)).toBeLessThan(gender(generic));
  expect(model.expectedMatches).toBeCloseTo(1, 0);
  const pair = levels.find(({ name, birthDate }) => name === "same/same" && birthDate === "same")!;
  expect(scorer(model, { population: records.length, extra }).total(pair)).toBeGreaterThan(0);
});

test("the shipped model was learned for UK data and is not called calibrated", () => {
  expect([uk.calibrated, generic.calibrated]).toEqual([false, false]);
  expect(uk.thresholds.auto).toBeGreaterThan(uk.thresholds.review);
});

const quick = new Set(["febrl1", "fake_1000"]);
const sets = linkageSets.filter(({ name }) => quick.has(name));

describe.skipIf(!sets.every(hasSet))("on published data (skipped where it does not lie beside the project)", () => {
  test.each(sets)("$name is matched at least as well as by Splink at its fixed threshold", (set) => {
    const { possible, linked, blockingRecall } = runSet(set);
    expect(possible.f1).toBeGreaterThanOrEqual(set.anchorF1);
    expect(linked.precision).toBeGreaterThanOrEqual(0.995);
    expect(blockingRecall).toBeGreaterThan(0.94);
  });
});
