// The record of accesses: each once, before its answer, found by person and by actor; and the reports on it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accesses } from "#engine/audit";
import { newId } from "#kernel/ids";
import { type AccessSite, type Answer, openAccessSite } from "./access-site.ts";

describe("the record of accesses", () => {
  let site: AccessSite;
  beforeAll(async () => {
    site = await openAccessSite();
  });
  afterAll(() => site?.close());

  test("holds each read once, with who, as what, by which client, from where, and what", async () => {
    const id = site.known();
    const before = (await site.leaves()).length;
    expect((await site.look("ann", id)).status).toBe(200);
    expect((await site.leaves()).slice(before)).toEqual([
      {
        actor: "trust:ann",
        at: expect.any(String),
        detail: {
          id: expect.any(String),
          about: `person/${id}`,
          action: "persons.read",
          address: "127.0.0.1",
          client: "console",
          kind: "user",
          policies: "steward-persons",
          purpose: "administration",
          roles: "steward",
          route: "GET /ops/v1/persons/:id",
        },
        name: "access.read",
        outcome: "ok",
        part: "gateway",
      },
    ]);
  });

  test.each<[string, string, string | undefined, string]>([
    ["by policy", "auditor", "audit", "ACCESS_REFUSED"],
    ["without a purpose", "steward", undefined, "PURPOSE_REQUIRED"],
  ])("holds a refusal %s, and what was refused", async (_, role, purpose, code) => {
    const id = site.known();
    const before = (await site.leaves()).length;
    const answer = await site.ask(`/persons/${id}`, await site.token("bob", role), purpose ? { purpose } : {});
    expect(answer).toMatchObject({ status: code === "ACCESS_REFUSED" ? 403 : 400, body: { code } });
    expect((await site.leaves()).slice(before)).toMatchObject([
      { name: "access.refused", outcome: "refused", actor: "trust:bob", code, detail: { about: `person/${id}` } },
    ]);
  });

  test("holds a read of somebody who is not there as one that failed", async () => {
    const id = newId();
    expect((await site.look("ann", id)).status).toBe(404);
    expect((await site.leaves()).at(-1)).toMatchObject({
      name: "access.read",
      outcome: "failed",
      code: "PERSON_UNKNOWN",
    });
  });

  test("holds a request without a token, of nobody", async () => {
    const before = (await site.leaves()).length;
    expect((await site.ask(`/persons/${site.known()}`, "nonsense")).status).toBe(401);
    const told = (await site.leaves()).slice(before);
    expect(told).toMatchObject([{ name: "access.refused", code: "REQUEST_UNAUTHENTICATED" }]);
    expect(told[0]).not.toHaveProperty("actor");
  });

  test("is durable before the answer: where it cannot be written nothing is told", async () => {
    const id = site.known({ familyName: "Unspoken" });
    site.state.isDown = true;
    const answer = await site.look("ann", id).finally(() => {
      site.state.isDown = false;
    });
    expect(answer).toMatchObject({ status: 503, body: { code: "DATABASE_UNAVAILABLE" } });
    expect(JSON.stringify(answer.body)).not.toContain(id);
  });

  test("shares a commit among reads that come together", async () => {
    const [id, bearer] = [site.known(), await site.token("ann", "steward")];
    await site.ask(`/persons/${id}`, bearer, { purpose: "administration" });
    const [leavesBefore, commitsBefore] = [(await site.leaves()).length, site.state.commits];
    await Promise.all(
      Array.from({ length: 60 }, () => site.ask(`/persons/${id}`, bearer, { purpose: "administration" })),
    );
    expect((await site.leaves()).length - leavesBefore).toBe(60);
    expect(site.state.commits - commitsBefore).toBeLessThan(60);
  });

  test("stands in the commit of the comment that it is of, and by itself where the comment is refused", async () => {
    const item = await site.desk.open();
    const bearer = await site.token("ann", "steward");
    const commented = (comment: string) => site.post(`/work/${item.id}/comment`, bearer, { comment }, "administration");
    expect((await commented("asked the ward")).status).toBe(200);
    const written = await site.desk.db.query<{ name: string; commit: string }>({
      text: "select body::jsonb ->> 'name' as name, xmin::text as commit from audit.leaf where body like $1 order by position",
      values: [`%${item.id}%`],
    });
    expect(written.slice(1).map(({ name }) => name)).toEqual(["work.commented", "access.changed"]);
    expect(written[2]!.commit).toBe(written[1]!.commit);
    await site.desk.db.transaction((tx) => site.desk.work.withdraw(tx, item.id, "no longer needed"));
    const before = (await site.leaves()).length;
    expect(await commented("too late")).toMatchObject({ status: 409, body: { code: "WORK_STATE" } });
    expect((await site.leaves()).slice(before)).toMatchObject([
      { name: "access.changed", outcome: "failed", code: "WORK_STATE" },
    ]);
  });

  describe("tells", () => {
    test("who looked at a person, and what somebody opened, newest first", async () => {
      const [one, other] = [site.known(), site.known()];
      for (const [who, whom] of [
        ["ann", one],
        ["ben", one],
        ["ann", other],
      ] as const)
        await site.look(who, whom);
      const looked = await site.report({ kind: "looked-at", personId: one });
      expect(looked.map(({ actor }) => actor)).toEqual(["trust:ben", "trust:ann"]);
      const opened = await site.report({ kind: "opened-by", actor: "trust:ann" });
      expect(opened.slice(0, 2).map(({ detail }) => detail.about)).toEqual([`person/${other}`, `person/${one}`]);
      // The report is an access too.
      expect((await site.leaves()).at(-1)).toMatchObject({ name: "access.searched", actor: "trust:iris" });
    });

    test("who looked at a patient who asks by their number, and no word of that number", async () => {
      const nhsNumber = "9990000018";
      const id = site.known({ nhsNumber });
      await site.look("ann", id);
      const auditor = await site.token("iris", "auditor");
      const ask = (patient: string) => site.post("/access/report", auditor, { kind: "looked-at", patient }, "audit");
      expect(await ask("999 000 0018")).toMatchObject({
        status: 200,
        body: { personId: id, accesses: [{ actor: "trust:ann" }] },
      });
      expect(await ask("9990000026")).toMatchObject({ status: 404, body: { code: "PERSON_UNKNOWN" } });
      expect(await ask("Ashdown")).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
      expect(JSON.stringify(await site.leaves())).not.toContain(nhsNumber);
    });

    test("who looked at their own record, and at somebody of their name", async () => {
      const administrator = await site.token("adam", "administrator");
      const own = site.known({ familyName: "O'Brien" });
      const [kin, stranger] = [site.known({ familyName: "OBRIEN-SMITH" }), site.known({ familyName: "Taylor" })];
      expect((await site.post("/access/staff", administrator, { actor: "trust:nora", personId: own })).status).toBe(
        200,
      );
      for (const whom of [own, kin, stranger]) await site.look("nora", whom);
      const abouts = async (kind: string) => (await site.report({ kind })).map(({ detail }) => detail.about);
      expect(await abouts("own-record")).toEqual([`person/${own}`]);
      expect(await abouts("same-surname")).toEqual([`person/${kin}`]);
      await site.post("/access/staff", administrator, { actor: "trust:nora" });
      expect(await abouts("own-record")).toEqual([]);
    });

    test("every look at a person who is watched, until the watch is lifted", async () => {
      const administrator = await site.token("adam", "administrator");
      const id = site.known();
      await site.look("ann", id);
      const watch = (watched: boolean) =>
        site.post("/access/watch", administrator, { personId: id, watched, reason: "known from the news" });
      expect(await site.report({ kind: "watched" })).toEqual([]);
      expect((await watch(true)).body).toEqual({ done: "watched" });
      expect((await site.report({ kind: "watched" })).map(({ actor }) => actor)).toEqual(["trust:ann"]);
      expect((await watch(false)).body).toEqual({ done: "lifted" });
      expect(await site.report({ kind: "watched" })).toEqual([]);
    });

    test("why a person is watched to nobody who reads the database alone", async () => {
      const id = site.known();
      const reason = "Markerreason, known from the news";
      const body = { personId: id.toUpperCase(), watched: true, reason };
      expect((await site.post("/access/watch", await site.token("adam", "administrator"), body)).status).toBe(200);
      const { db } = site.desk;
      const [row] = await db.query<{ reason: Buffer }>({
        text: "select reason from gateway.watched_person where person_id = $1",
        values: [id],
      });
      expect(row!.reason.includes("Marker")).toBe(false);
      expect(db.vault.open(row!.reason, "gateway.watched_person.reason", `${id} trust:adam`).toString()).toBe(reason);
    });

    test("who is watched and why to an auditor and an administrator, on record, and to nobody else", async () => {
      const administrator = await site.token("adam", "administrator");
      const personId = site.known();
      const reason = "a neighbour of somebody on the ward";
      await site.post("/access/watch", administrator, { personId, watched: true, reason });
      const own = ({ body }: Answer) =>
        (body.watches as { personId: string }[]).filter((one) => one.personId === personId);
      const told = { personId, by: "trust:adam", at: expect.any(String), reason };
      expect(own(await site.ask("/access/watch", administrator))).toEqual([told]);
      const asAuditor = () => site.token("ida", "auditor");
      expect(own(await site.ask("/access/watch", await asAuditor(), { purpose: "audit" }))).toEqual([told]);
      expect((await site.leaves()).at(-1)).toMatchObject({
        name: "access.searched",
        actor: "trust:ida",
        detail: {
          about: expect.stringContaining(`person/${personId}`),
          purpose: "audit",
          route: "GET /ops/v1/access/watch",
        },
      });
      const steward = { purpose: "administration" };
      expect(await site.ask("/access/watch", await site.token("ann", "steward"), steward)).toMatchObject({
        status: 403,
      });
      await site.post("/access/watch", administrator, { personId, watched: false, reason });
      expect(own(await site.ask("/access/watch", administrator))).toEqual([]);
    });

    test("nothing to whoever is no auditor", async () => {
      const refused = await site.post(
        "/access/report",
        await site.token("ann", "steward"),
        { kind: "watched" },
        "audit",
      );
      expect(refused).toMatchObject({ status: 403, body: { code: "ACCESS_REFUSED" } });
    });

    test("where the glass was broken, with a review that somebody else decides and that escalates when it is late", async () => {
      const id = site.known();
      const reason = "the ward cannot reach anybody else";
      const answer = await site.ask(`/persons/${id}`, await site.token("ann", "steward"), {
        purpose: "break-glass",
        headers: { "access-reason": reason },
      });
      expect(answer.status).toBe(200);
      const [line] = await site.report({ kind: "break-glass" });
      expect(line).toMatchObject({ actor: "trust:ann", detail: { about: `person/${id}` }, review: "open" });
      // In words it stands beside the leaf, which site.state.commits to it.
      expect(JSON.stringify(line)).not.toContain(reason);
      const [stored] = await site.desk.db.query<{ reason: Buffer }>({
        text: "select reason from audit.access where id = $1",
        values: [line!.detail.id],
      });
      expect(stored!.reason.toString("latin1")).not.toContain(reason);
      expect((await accesses(site.desk.db, { most: 1, purpose: "break-glass" }))[0]!.reason).toBe(reason);
      const officer = await site.token("olga", "clinical-safety-officer");
      const item = (await site.post(`/work/${line!.detail.id}/show`, officer, {}, "safety-review")).body.item as {
        digest: string;
        content: object;
      };
      expect(item.content).toMatchObject({ kind: "break-glass", requestedBy: "trust:ann", comment: reason });
      await site.desk.clock.advance(Date.now() - site.desk.clock.now() + 4 * 86_400_000);
      await site.desk.work.tick();
      expect((await site.report({ kind: "break-glass" }))[0]).toMatchObject({ review: "open, escalated" });
      const decision = { action: "justified", digest: item.digest };
      expect((await site.post(`/work/${line!.detail.id}/decide`, officer, decision, "safety-review")).status).toBe(200);
      expect((await site.report({ kind: "break-glass" }))[0]!.review).toBe(decision.action);
    });
  });
});
