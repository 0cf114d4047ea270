// Promises of the index about what it finds: the same as if everybody were compared, and by index alone.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonChanges } from "#canonical/model";
import { openDatabase, type Statement } from "#kernel/db";
import { comparer, countShares, judging, preparer } from "#services/matching";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { keepPeople, model, numbers, openIndex, rules, said, somebody } from "./index-rig.ts";

const PEOPLE = 2_500;
const ASKED = 160;
/** What the index takes for the population while it knows fewer. */
const POPULATION = 100_000;

let database: TestDatabase;
let people: PersonChanges[];
let ids: string[];
beforeAll(async () => {
  database = await testDatabase();
  const next = numbers(61);
  people = Array.from({ length: PEOPLE }, () => somebody(next));
  // Relatives of one home, twins among them.
  for (let at = 0; at < PEOPLE; at += 10) {
    const { familyName, postcode, addressLine1, phone, birthDate } = people[at]!;
    people[at + 1] = {
      ...people[at + 1]!,
      familyName,
      postcode,
      addressLine1,
      phone,
      ...(at % 40 ? {} : { birthDate }),
    } as PersonChanges;
  }
  ids = await keepPeople(database.db, people);
});
afterAll(() => database.drop());

describe("the index", () => {
  it("decides as if every record were compared with every person", async () => {
    const prepare = preparer({ environment: "test" });
    const known = people.map((fields) => prepare({ fields }));
    const compare = comparer([], countShares(known));
    const judge = judging({ model, rules, population: POPULATION });
    const index = openIndex(database.db);
    const next = numbers(62);
    let [possible, missed] = [0, 0];
    const decisions = { link: 0, review: 0, none: 0 };
    const asked = Array.from({ length: ASKED }, (_, at) =>
      at % 4 === 0 ? somebody(next) : said(people[next(PEOPLE)]!, next),
    );
    const verdicts = await Promise.all(asked.map((fields) => index.match(fields)));
    for (const [at, fields] of asked.entries()) {
      const subject = prepare({ fields });
      const whole = judge(
        subject,
        known.map((one, place) => ({ id: ids[place]!, levels: compare(subject, one) })),
        "",
      );
      const verdict = verdicts[at]!;
      decisions[verdict.decision] += 1;
      expect([verdict.decision, verdict.link]).toEqual([whole.decision, whole.link]);
      if (verdict.decision !== "none") expect(verdict.code).toBe(whole.code);
      const found = new Map(verdict.candidates.map((candidate) => [candidate.personId, candidate]));
      for (const { id, code, decision, weight } of whole.candidates) {
        if (decision === "none") continue;
        possible += 1;
        const candidate = found.get(id);
        if (!candidate) missed += 1;
        else expect([candidate.code, candidate.weight]).toEqual([code, weight.total]);
      }
    }
    // Keys that hardly bring anybody are not held: that costs a steward a candidate now and then, and no decision.
    expect(missed).toBeLessThanOrEqual(possible / 100);
    expect(decisions.link).toBeGreaterThan(ASKED / 3);
    expect(decisions.none).toBeGreaterThan(ASKED / 8);
    expect(decisions.review).toBeGreaterThan(0);
  });

  it("reads by index alone, one key after the other", async () => {
    const owner = openDatabase(database.as("superuser"), 1);
    await owner.query("vacuum analyze matching.key, matching.person").finally(() => owner.close());
    const statements: Statement[] = [];
    const { db } = database;
    const watched = {
      ...db,
      query: (statement: Statement | string) => {
        if (typeof statement !== "string") statements.push(statement);
        return db.query(statement);
      },
    } as typeof db;
    await openIndex(watched).match(people[0]!);
    await openIndex(watched).match(people[0]!, { personId: ids[0]! });
    const holders = statements.filter(({ name }) => name?.startsWith("matching.holders"));
    expect(holders.map(({ name }) => name)).toEqual(["matching.holders", "matching.holders-but"]);
    for (const { text, values } of holders) {
      const lines = await db.query<{ "QUERY PLAN": string }>({ text: `explain ${text}`, values: values! });
      const plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
      expect(plan).toContain("Index Only Scan using key_pkey");
      expect(plan).toContain("Index Scan using person_pkey");
      expect(plan).not.toContain("Seq Scan");
    }
  });
});
