// Work items from outside: over HTTP and by the command line, under the name of whoever acts.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Item, ItemSummary } from "#engine/work";
import { type GatewayOptions, openGateway } from "#gateway";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { writeRunning } from "../../src/app/installation.ts";
import { run } from "../chaos/processes.ts";
import { at, type Desk, openDesk } from "../engine/work/desk.ts";
import { until } from "../until.ts";
import { olive, openTestIssuer, type Somebody, type TestIssuer } from "./identity/test-issuer.ts";

const anna = { name: "anna", roles: ["steward"] };
const ben = { name: "ben", roles: ["steward"] };
const onRecord = (who: Somebody) => ({ name: `test:${who.name}`, roles: [...who.roles] });

describe("work items", () => {
  let desk: Desk;
  let people: TestIssuer;
  let dataDir: string;
  let gateway: Awaited<ReturnType<typeof openGateway>>;
  beforeAll(async () => {
    desk = await openDesk();
    people = await openTestIssuer(desk.clock.now);
    dataDir = await mkdtemp(join(tmpdir(), "lockgate-work-"));
    // The routes of other things are there and are not asked for anything.
    const options: Partial<GatewayOptions> = {
      host: "127.0.0.1",
      port: 0,
      db: desk.db,
      work: desk.work,
      clock: desk.clock,
      log: openLog("silent"),
      identity: people.identity,
      policies: join(import.meta.dirname, "../../resources/policies"),
    };
    gateway = await openGateway(options as GatewayOptions);
    for (const who of [anna, ben, olive]) await people.signIn(dataDir, who);
    writeRunning(dataDir, { pid: process.pid, http: gateway.address, database: {} });
  });
  afterAll(async () => {
    await gateway.close();
    await rm(dataDir, { recursive: true, force: true });
    people.close();
    await desk.close();
  });

  const post = async (path: string, body: unknown, who: Somebody = olive) => {
    const answer = await fetch(`${gateway.address}/ops/v1/work/${path}`, {
      method: "POST",
      headers: { ...(await people.headersOf(who)), "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const command = async (...args: string[]) => {
    const { ended, lines, errors } = run("src/app/main.ts", ["work", ...args], { LOCKGATE_DATA: dataDir });
    return { exit: await ended, text: lines.join("\n"), errors: errors.join("\n") };
  };

  describe("over HTTP", () => {
    test("are listed, shown, tended and decided, each deed under the name of whoever did it", async () => {
      const queue = newId();
      const item = await desk.open({ queue });
      const list = await post("list", { queue });
      expect(list.status).toBe(200);
      expect(list.body.items).toMatchObject([{ id: item.id, state: "open", digest: item.digest }]);
      expect((await post(`${item.id}/show`, {}, ben)).body.item).toMatchObject({
        content: { rows: [{ field: "colour" }] },
        history: [],
      });
      for (const [deed, more, done] of [
        ["claim", {}, "claimed"],
        ["comment", { comment: "on it" }, "commented"],
        ["release", {}, "released"],
        ["escalate", { comment: "too hard" }, "escalated"],
      ] as const)
        expect((await post(`${item.id}/${deed}`, more, anna)).body).toEqual({ done });
      const decision = { action: "approve", digest: item.digest, comment: "fine" };
      expect((await post(`${item.id}/decide`, decision, anna)).body.item).toMatchObject({ state: "open" });
      expect((await post(`${item.id}/decide`, decision, ben)).body.item).toMatchObject({ state: "decided" });
      expect(await desk.leaves(item.journeyId)).toEqual([
        "work.opened waiting",
        "work.shown ok test:ben",
        "work.claimed ok test:anna",
        "work.commented ok test:anna",
        "work.released ok test:anna",
        "work.escalated ok test:anna",
        "work.chosen ok test:anna",
        "work.chosen ok test:ben",
        "work.decided ok test:ben",
      ]);
    });

    test("are filtered by owner, journey and state, and lists hold no content", async () => {
      const item = await desk.open({ content: "planted-content" });
      await desk.work.claim(item.id, onRecord(anna));
      const filters = { owner: "test:anna", journeyId: item.journeyId, state: "claimed" };
      const { body } = await post("list", filters);
      expect(body.items).toMatchObject([{ id: item.id }]);
      expect(JSON.stringify(body)).not.toContain("planted-content");
      for (const other of [{ owner: "test:ben" }, { journeyId: newId() }, { state: "open" }])
        expect((await post("list", { ...filters, ...other })).body.items).toEqual([]);
    });

    test.each<[string, string, Record<string, unknown>, number, string]>([
      ["an item that is not known", `${newId()}/show`, {}, 404, "WORK_UNKNOWN"],
      ["an id that is none", "one/show", {}, 400, "REQUEST_INVALID"],
      ["a deed in the name of somebody else", `${newId()}/claim`, { as: anna }, 400, "REQUEST_INVALID"],
      ["an owner whose name has space around it", "list", { owner: "anna " }, 400, "REQUEST_INVALID"],
      ["an owner whose name steers terminals", "list", { owner: "a\u001bb" }, 400, "REQUEST_INVALID"],
      ["a decision without a digest", `${newId()}/decide`, { action: "approve" }, 400, "REQUEST_INVALID"],
      ["a comment without words", `${newId()}/comment`, { comment: "" }, 400, "REQUEST_INVALID"],
      ["a state that there is not", "list", { state: "lost" }, 400, "REQUEST_INVALID"],
    ])("answer %s with a code", async (_, path, body, status, code) => {
      expect(await post(path, body)).toMatchObject({ status, body: { code } });
    });

    test("answer a deed that is refused with its code and status", async () => {
      const item = await desk.open({ excluded: ["test:ben"] });
      const decide = (as: typeof anna, digest: string) => post(`${item.id}/decide`, { action: "approve", digest }, as);
      expect(await decide(ben, item.digest)).toMatchObject({ status: 403, body: { code: "ACCESS_REFUSED" } });
      expect(await decide(anna, "0".repeat(64))).toMatchObject({ status: 409, body: { code: "WORK_STALE" } });
      await desk.work.claim(item.id, onRecord(anna));
      expect(await post(`${item.id}/claim`, {}, ben)).toMatchObject({ status: 409, body: { code: "WORK_STATE" } });
    });

    test("are given to somebody who was here and may decide them, and to nobody else", async () => {
      const [carol, fay] = [
        { name: "carol", roles: ["steward"] },
        { name: "fay", roles: ["finance"] },
      ];
      for (const who of [anna, ben, carol, fay]) await post("list", {}, who);
      const item = await desk.open({ excluded: ["test:ben"] });
      const answer = await fetch(`${gateway.address}/ops/v1/work/${item.id}/assignees`, {
        headers: await people.headersOf(anna),
      });
      const { people: found } = (await answer.json()) as { people: { id: string }[] };
      expect(found.map(({ id }) => id).filter((id) => /anna|ben|carol|fay|dora/.test(id))).toEqual([
        "test:anna",
        "test:carol",
      ]);
      const give = (to: string, who = anna) => post(`${item.id}/assign`, { to }, who);
      for (const to of ["test:ben", "test:fay", "test:dora"])
        expect(await give(to)).toMatchObject({ status: 422, body: { code: "WORK_UNASSIGNABLE" } });
      expect(await give("test:carol", fay)).toMatchObject({ status: 403, body: { code: "ACCESS_REFUSED" } });
      expect((await give("test:carol")).body).toEqual({ done: "assigned" });
      expect(await desk.now(item.id)).toMatchObject({ state: "claimed", owner: "test:carol" });
      expect(await give("test:anna")).toMatchObject({ status: 409, body: { code: "WORK_STATE" } });
    });

    test("wait for what somebody said is missing, which lists and the item tell", async () => {
      const item = await desk.open();
      expect((await post(`${item.id}/inquire`, { comment: "" }, anna)).status).toBe(400);
      expect((await post(`${item.id}/inquire`, { comment: "the second address" }, anna)).body).toEqual({
        done: "inquired",
      });
      const marked = { inquiredAt: at(0).toISOString(), inquiredBy: "test:anna", state: "open" };
      const list = await post("list", { journeyId: item.journeyId });
      expect(list.body.items).toMatchObject([marked]);
      expect(JSON.stringify(list.body)).not.toContain("second address");
      const shown = (await post(`${item.id}/show`, {}, ben)).body.item as Item;
      expect(shown).toMatchObject({ ...marked, history: [{ deed: "inquired", comment: "the second address" }] });
      for (const who of [anna, ben]) await post(`${item.id}/decide`, { action: "approve", digest: item.digest }, who);
      expect((await desk.now(item.id)).state).toBe("decided");
    });

    test("are decided as one group by whoever may decide them, each told of by itself", async () => {
      const filter = { domain: "demographics", queue: newId().slice(0, 8), reason: "ERP_REFUSED", title: "Refused" };
      const retry = { ...filter, actions: [{ name: "retry", quorum: 1, roles: ["steward"] }] };
      const items = [
        await desk.open(retry),
        await desk.open(retry),
        await desk.open({ ...retry, excluded: ["test:ben"] }),
      ];
      const ask = async (method: string, path: string, who: Somebody, body?: unknown) => {
        const answer = await fetch(`${gateway.address}/ops/v1/work-groups${path}`, {
          method,
          headers: { ...(await people.headersOf(who)), ...(body ? { "content-type": "application/json" } : {}) },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        return { status: answer.status, body: (await answer.json()) as Record<string, never> };
      };
      const wish = { filter, deed: "decide", action: "retry" };
      const fay = { name: "fay", roles: ["finance"] };
      expect(await ask("POST", "", fay, wish)).toMatchObject({ status: 403, body: { code: "ACCESS_REFUSED" } });
      expect((await ask("POST", "", ben, wish)).body).toMatchObject({ group: { targets: 2 } });
      const approving = await ask("POST", "", anna, { ...wish, action: "approve" });
      expect(approving).toMatchObject({ status: 422, body: { code: "GROUP_UNFIT" } });
      const { group, first } = (await ask("POST", "", anna, wish)).body as unknown as {
        group: { id: string; digest: string };
        first: unknown[];
      };
      expect(first).toMatchObject(items.map(({ id }, index) => ({ nth: index + 1, itemId: id, state: "pending" })));
      for (const [method, path] of [
        ["GET", ""],
        ["GET", "/items"],
        ["POST", "/pause"],
      ] as const)
        expect((await ask(method, `/${group.id}${path}`, fay)).status).toBe(403);
      expect((await ask("POST", `/${group.id}/pause`, anna)).body).toMatchObject({ code: "GROUP_STATE" });
      const start = { digest: group.digest, comment: "mended there" };
      expect((await ask("POST", `/${group.id}/start`, anna, start)).body).toMatchObject({ state: "running" });
      const stopping = new AbortController();
      const running = desk.work.run(stopping.signal);
      await until(async () => (await ask("GET", `/${group.id}`, anna)).body.state === "done");
      stopping.abort();
      await desk.clock.advance(1_000);
      await running;
      const ends = (await ask("GET", `/${group.id}/items?after=1`, anna)).body.items;
      expect(ends).toMatchObject([
        { nth: 2, state: "done" },
        { nth: 3, state: "done" },
      ]);
      for (const { id } of items) expect((await desk.now(id)).state).toBe("decided");
      expect((await ask("GET", `/${newId()}`, anna)).body).toMatchObject({ code: "GROUP_UNKNOWN" });
    });

    test("are nobody's without a credential", async () => {
      const answer = await fetch(`${gateway.address}/ops/v1/work/list`, { method: "POST" });
      expect(answer.status).toBe(401);
    });
  });

  describe("by the command line", () => {
    test("are listed, claimed, shown with a comparison and decided, with exit codes that say how it went", async () => {
      const queue = newId();
      const row = {
        field: "familyName",
        current: "red",
        proposed: "blue\u001b[2J",
        national: null,
        code: "RC-DIFFERS",
      };
      const item = await desk.open({ queue, content: { kind: "thing 7", rows: [row] }, expiresAt: at(90_000) });
      const as = ["--as", "anna"];

      expect(await command("claim", item.id, ...as)).toMatchObject({ exit: 0, text: "claimed" });
      const mine = await command("list", "--queue", queue, "--mine", "--as", "anna", "--json");
      expect((JSON.parse(mine.text) as ItemSummary[]).map(({ id, state }) => ({ id, state }))).toEqual([
        { id: item.id, state: "claimed" },
      ]);

      const shown = await command("show", item.id, ...as);
      expect(shown.text).toMatch(
        /field +current +proposed +national +code\n +familyName +red +blue\uFFFD\[2J +RC-DIFFERS/,
      );
      expect(shown.text).toContain("kind: thing 7");
      expect(shown.text).toContain("approve  2 different people  with role steward");
      const whole = JSON.parse((await command("show", item.id, ...as, "--json")).text) as Item;
      expect(whole.content).toEqual({ kind: "thing 7", rows: [row] });

      const stale = await command("decide", item.id, "--action", "approve", "--digest", "0".repeat(64), ...as);
      expect(stale).toMatchObject({ exit: 1, errors: expect.stringContaining("WORK_STALE") });
      const chosen = await command("decide", item.id, "--action", "approve", ...as);
      expect(chosen).toMatchObject({ exit: 0, text: expect.stringContaining("others must choose it too") });
      const decided = await command("decide", item.id, "--action", "refuse", "--comment", "no", "--json", ...as);
      expect(JSON.parse(decided.text)).toMatchObject({ state: "decided" });
      expect(await desk.told(item.journeyId)).toMatchObject([
        { action: "refuse", comment: "no", by: [{ roles: ["steward"] }] },
      ]);
      expect((await command("list", "--queue", queue, "--state", "decided")).text).toContain(item.id);
    });

    test("are commented on, escalated and released; a call without what it needs is a wrong call", async () => {
      const item = await desk.open({ criticality: "low" });
      const as = ["--as", "ben"];
      const wordless = command("escalate", item.id);
      expect(await command("comment", item.id, "--comment", "waiting for the site", ...as)).toMatchObject({ exit: 0 });
      await desk.work.claim(item.id, onRecord(ben));
      expect(await command("release", item.id, ...as)).toMatchObject({ exit: 0, text: "released" });
      expect(await command("escalate", item.id, "--comment", "urgent", ...as)).toMatchObject({
        exit: 0,
        text: "escalated",
      });
      expect(await desk.now(item.id)).toMatchObject({ criticality: "normal", state: "open" });
      expect(await wordless).toMatchObject({ exit: 2 });
      const missing = await command("inquire", item.id, "--comment", "the ward", ...as);
      expect(missing).toMatchObject({ exit: 0, text: "inquired" });
      expect((await command("list", "--queue", "approvals")).text).toContain("open, escalated, needs more");
      expect((await command("assign", item.id, ...as)).text).toMatch(/person +name\n.*test:anna +anna/s);
      expect(await command("assign", item.id, "--to", "test:anna", ...as)).toMatchObject({ exit: 0, text: "assigned" });
      expect(await desk.now(item.id)).toMatchObject({ owner: "test:anna" });
      const unknown = await command("decide", newId(), "--action", "approve");
      expect(unknown).toMatchObject({ exit: 1, errors: expect.stringContaining("WORK_UNKNOWN") });
    });
  });
});
