// Who works here, over HTTP: told by name, a page at a time, to those who answer for access and to nobody else, and on record.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AccessSite, openAccessSite } from "./access-site.ts";

type Told = { readonly people: readonly { readonly id: string; readonly name: string }[]; readonly next?: string };

describe("those who work here", () => {
  let site: AccessSite;
  let auditor: string;
  beforeAll(async () => {
    site = await openAccessSite();
    // Not in the order of their names, and two who are called the same.
    for (const [subject, role, name] of [
      ["zoe", "steward", "Ann Ashdown"],
      ["cal", "clinical-safety-officer", "Cal Cole"],
      ["bob", "steward", "Ben Birch"],
      ["ben", "steward", "Ben Birch"],
    ] as const)
      await site.ask("/access/questions", await site.token(subject, role, { name }));
    auditor = await site.token("iris", "auditor", { name: "Iris Ingram" });
  });
  afterAll(() => site?.close());

  const list = async (bearer: string, query = "") => site.ask(`/access/colleagues${query}`, bearer);

  test("are told by name, with what they were when they were here last", async () => {
    const { status, body } = await list(auditor);
    expect(status).toBe(200);
    const { people } = body as Told;
    expect(people.map(({ id }) => id)).toEqual(["trust:zoe", "trust:ben", "trust:bob", "trust:cal", "trust:iris"]);
    expect(people[0]).toEqual({
      id: "trust:zoe",
      name: "Ann Ashdown",
      roles: ["steward"],
      seenAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test("are told a page at a time, each once, whatever they are called", async () => {
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const { body } = await list(auditor, `?limit=2${next ? `&after=${next}` : ""}`);
      const page = body as Told;
      expect(page.people.length).toBeLessThanOrEqual(2);
      seen.push(...page.people.map(({ id }) => id));
      next = page.next;
    } while (next);
    expect(seen).toEqual(["trust:zoe", "trust:ben", "trust:bob", "trust:cal", "trust:iris"]);
  });

  test("stay known for a look back when they have not been here for long, without a role once their issuer let go of them", async () => {
    await site.desk.db.query({
      text: "update gateway.colleague set roles = '{}', seen_at = '2020-02-03T04:05:06Z' where id = 'trust:bob'",
    });
    const { people } = (await list(auditor)).body as Told;
    expect(people.find(({ id }) => id === "trust:bob")).toEqual({
      id: "trust:bob",
      name: "Ben Birch",
      roles: [],
      seenAt: "2020-02-03T04:05:06.000Z",
    });
  });

  test.each([
    ["auditor", 200],
    ["administrator", 200],
    ["clinical-safety-officer", 200],
    ["steward", 403],
  ])("are told to the role %s with %i", async (role, status) => {
    const answer = await list(await site.token(`some-${role}`, role));
    expect(answer.status).toBe(status);
    expect("people" in answer.body).toBe(status === 200);
  });

  test("are not told unseen: who read of them is on record, and who was refused", async () => {
    const before = (await site.leaves()).length;
    await list(auditor);
    await list(await site.token("zoe", "steward"));
    expect((await site.leaves()).slice(before)).toMatchObject([
      { name: "access.searched", actor: "trust:iris", detail: { action: "access.explain" } },
      { name: "access.refused", actor: "trust:zoe", code: "ACCESS_REFUSED" },
    ]);
  });
});
