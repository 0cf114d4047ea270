// The saga of a statement where nobody is known for certain: whom matching finds, what a steward is asked, and what is left behind.

import { describe, expect, test } from "vitest";
import { makeFindable } from "#services/demographics";
import { until } from "../until.ts";
import { demographicsRig } from "./demographics-rig.ts";

const rig = demographicsRig();
const noon = Date.UTC(2026, 0, 1, 12);
const ada = {
  familyName: "QUILL",
  givenName: "ADA",
  birthDate: "1980-02-03",
  gender: "female",
  addressLine1: "1 MARKER ROW",
  postcode: "ZZ1 1ZZ",
  town: "OLDTON",
} as const;
/** Somebody of her name and her home, a generation younger. */
const niece = { ...ada, birthDate: "2011-02-03", phone: "01632960811", email: "ada.quill@young.example" };
const twin = { ...ada, givenName: "WINIFRED" };
const never = new AbortController().signal;

const say = (mrn: string, fields: object, at = noon) => rig.say({ mrn, at, fields });
const known = async (mrn: string, fields: object = ada): Promise<string> => {
  expect(await rig.ended(await say(mrn, fields))).toBe("applied");
  return (await rig.person(mrn))!.id;
};

describe("a person whom matching finds", () => {
  test("is linked with the identifier, told of, and written to the one record there is", async () => {
    const id = await known("L1");
    const journey = await say("L2", { ...ada, town: "NEWTON" }, noon + 1);
    expect(await rig.ended(journey)).toBe("applied");
    expect((await rig.person("L2"))?.id).toBe(id);
    expect(rig.erp.of("L2")).toEqual([]);
    expect(rig.erp.of("L1")).toMatchObject([{ values: { town: "NEWTON" } }]);
    expect(await rig.leaves(journey, "matched")).toMatchObject([{ outcome: "linked", code: "MT-130" }]);
    expect(await rig.told("person.linked")).toMatchObject([{ kind: "matched", personId: id, by: [], code: "MT-130" }]);
  });

  test("is somebody else where another has the NHS number and another birth date, whatever else agrees", async () => {
    await known("N1", { ...ada, nhsNumber: "4010232137" });
    const journey = await say("N2", { ...ada, nhsNumber: "4010232137", birthDate: "1980-02-04" }, noon + 1);
    expect(await rig.asked(journey)).toMatchObject({ queue: "match-steward" });
    expect(await rig.person("N2")).toBeUndefined();
  });
});

describe("the outcome of a match", () => {
  const movesOf = async (journey: string) =>
    (
      await rig.db.query<{ moves: string }>({
        text: "select address_stability as moves from matching.outcome where journey_id = $1",
        values: [journey],
      })
    )[0]?.moves;

  test("tells how often the person moved: as known of it, and by what was said of it now", async () => {
    const first = await say("M1", ada);
    expect(await rig.ended(first)).toBe("applied");
    expect(await movesOf(first)).toBe("unknown");
    const settled = await say("M2", { ...ada, town: "NEWTON" }, noon + 1);
    expect(await rig.ended(settled)).toBe("applied");
    expect(await movesOf(settled)).toBe("none");
    expect(await rig.ended(await say("M1", { postcode: "ZZ2 2ZZ" }, noon + 2))).toBe("applied");
    expect((await rig.person("M1"))!.fields.postcode).toMatchObject({ value: "ZZ2 2ZZ", moves: 1 });
    expect(await rig.ended(await say("M1", { postcode: "ZZ2 2ZZ" }, noon + 3))).toMatch(/unchanged|applied/);
    const moved = await say("M3", { ...ada, postcode: "ZZ2 2ZZ" }, noon + 4);
    expect(await rig.ended(moved)).toBe("applied");
    expect(await movesOf(moved)).toBe("one");
    expect((await rig.person("M1"))!.fields.postcode).toMatchObject({ moves: 1 });
    const again = await say("M4", { ...ada, postcode: "ZZ3 3ZZ" }, noon + 5);
    expect(await rig.ended(again)).toBe("applied");
    expect(await movesOf(again)).toBe("several");
  });
});

describe("somebody new", () => {
  test("who is like nobody need not be looked at again, unless less is kept of them than was said", async () => {
    const lookedAt = async (id: string) => {
      const rows = await rig.db.query({
        text: "select from demographics.evaluation where person_id = $1",
        values: [id],
      });
      return rows.length;
    };
    expect(await lookedAt(await known("S1"))).toBe(1);
    rig.national.knows("4010232137", { familyName: "QUILL", birthDate: "1975-01-01" }, { restricted: true });
    expect(await lookedAt(await known("S2", { ...twin, birthDate: "1975-01-01", nhsNumber: "4010232137" }))).toBe(0);
  });

  test("is found by whoever comes while the national service is still to be asked", async () => {
    await known("R1");
    const journey = await say("R2", niece);
    const item = await rig.asked(journey);
    rig.national.fail(...Array.from({ length: 3 }, () => "NATIONAL_UNAVAILABLE" as const));
    await rig.decide(item, "new");
    await until(async () => (await rig.leaves(journey, "matched")).length === 2);
    expect(await rig.person("R2")).toBeUndefined();
    const other = await say("R3", niece, noon + 1);
    for (const one of [journey, other]) await rig.ended(one);
    expect((await rig.person("R3"))?.id).toBe((await rig.person("R2"))?.id);
    expect(rig.erp.of("R3")).toEqual([]);
  });

  test("is kept apart for ever from those whom the steward was shown", async () => {
    const id = await known("A1");
    const journey = await say("A2", niece);
    await rig.decide(await rig.asked(journey), "new");
    expect(await rig.ended(journey)).toBe("applied");
    const { id: other } = (await rig.person("A2"))!;
    expect(await rig.matching.match(niece, { personId: other })).toMatchObject({ decision: "none" });
    expect(await rig.db.query("select kind, by from demographics.link")).toEqual([{ kind: "apart", by: ["anna"] }]);
    expect((await rig.matching.match(niece)).candidates.map(({ personId }) => personId)).toContain(id);
  });

  test("that never came to be known is found by nobody", async () => {
    await known("C1");
    const journey = await say("C2", niece);
    const item = await rig.asked(journey);
    const waiting = await say("C2", { ...niece, title: "MS" }, noon + 1);
    const [{ id } = { id: "" }] = await rig.sagas.ofJourney(journey);
    await rig.sagas.cancel(id, "anna");
    expect(await rig.ended(journey)).toBe("cancelled");
    const again = await rig.asked(waiting);
    expect(again.id).not.toBe(item.id);
    const { candidates } = await rig.matching.match(niece);
    expect(candidates.map(({ personId }) => personId)).toEqual([(await rig.person("C1"))!.id]);
  });
});

describe("an installation that is older than its matching", () => {
  test("has everybody found once it was caught up with, and catches up once", async () => {
    const ids = [await known("O1"), await known("O2", { ...ada, givenName: "OLGA", birthDate: "1955-12-24" })];
    await rig.db.transaction((tx) => rig.matching.drop(tx, ids));
    await rig.db.query("update demographics.person set findable = false");
    expect(await rig.matching.match(ada)).toMatchObject({ decision: "none" });
    expect(await makeFindable(rig.db, rig.matching, never)).toBe(2);
    expect(await makeFindable(rig.db, rig.matching, never)).toBe(0);
    expect(await rig.matching.match(ada)).toMatchObject({ decision: "link", link: ids[0] });
  });
});

test("a question shows no more than the candidates, with every bit of their weights, and offers what can be done", async () => {
  const id = await known("Q1", { ...ada, nhsNumber: "4010232137" });
  const journey = await say("Q2", { ...twin, nhsNumber: "4010232137" }, noon + 1);
  const item = await rig.asked(journey);
  expect(item.actions.map(({ name, roles }) => [name, ...roles])).toEqual([
    ["link:1", "steward"],
    ["new", "steward"],
  ]);
  expect(item.content).toMatchObject({
    code: "MT-203",
    statement: { fields: { givenName: "WINIFRED" } },
    candidates: [{ personId: id, canLink: true, fields: { givenName: "ADA", nhsNumber: "4010232137" } }],
    thresholds: { auto: expect.any(Number), review: expect.any(Number) },
  });
  await rig.decide(item, "new");
  await rig.ended(journey);
  expect((await rig.person("Q2"))?.fields).not.toHaveProperty("nhsNumber");
  expect((await rig.person("Q1"))?.numbers).toMatchObject([{ number: "4010232137", current: true }]);
});
