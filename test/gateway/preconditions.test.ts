// Preconditions over HTTP: what somebody changed meanwhile is not changed again by whoever did not see it.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWork } from "#engine/work";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { newItem } from "../engine/work/desk.ts";
import { type Site, startSite } from "../journeys/platform-rig.ts";
import type { Somebody } from "./identity/test-issuer.ts";

const steward: Somebody = { name: "ann", roles: ["steward", "operator"] };
const pack = readFileSync("resources/rules/strict.yaml", "utf8");
/** The same rules under another label. */
const labelled = (label: string): string =>
  pack.replace(/^version: .*$/m, `version: ${label}`).replace(/^name: .*$/m, "name: demographics");

describe("a write over HTTP", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  }, 60_000);
  afterAll(() => site?.close());

  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(`${site.http}/ops/v1${path}`, {
      method,
      headers: {
        ...(await site.people.headersOf(steward)),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content = (await answer.json()) as Record<string, unknown>;
    return { status: answer.status, tag: answer.headers.get("etag") ?? "", code: content.code, content };
  }
  const put = (text: string, headers?: Record<string, string>) => ask("PUT", "/rules/demographics", { text }, headers);
  const openItem = async (): Promise<string> => {
    const id = newId();
    const work = openWork({ db: site.db, clock: systemClock } as unknown as Parameters<typeof openWork>[0]);
    const dueAt = new Date(Date.now() + 3_600_000);
    await site.db.transaction((tx) => work.open(tx, id, newItem({ dueAt })));
    return id;
  };

  test("that comes again under its key is answered with the tag that it had", async () => {
    const { tag } = await ask("GET", "/rules/demographics");
    const headers = { "if-match": tag, "idempotency-key": `rules-${newId()}` };
    const once = await put(labelled("k-1"), headers);
    expect(once).toMatchObject({
      status: 200,
      content: { changed: true },
      tag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    });
    expect(await put(labelled("k-1"), headers)).toEqual(once);
  });

  test("of rules says which text it replaces, or is refused", async () => {
    expect(await put(labelled("p-1"))).toMatchObject({ status: 428, code: "PRECONDITION_REQUIRED" });
    const { tag, content } = await ask("GET", "/rules/demographics");
    expect(tag).toBe(`"${content.digest}"`);
    expect(await put(labelled("p-1"), { "if-match": `"${"0".repeat(64)}"` })).toMatchObject({
      status: 412,
      code: "PRECONDITION_FAILED",
    });
    const done = await put(labelled("p-1"), { "if-match": tag });
    expect(done).toMatchObject({ status: 200, content: { changed: true } });
    expect((await ask("GET", "/rules/demographics")).tag).toBe(done.tag);
    expect(await put(labelled("p-2"), { "if-match": tag })).toMatchObject({ status: 412 });
  });

  test.each<[string, (tag: string) => Record<string, string>, number]>([
    ["a weak tag", (tag) => ({ "if-match": `W/${tag}` }), 412],
    ["one of several tags", (tag) => ({ "if-match": `"other", ${tag}` }), 200],
    ["any tag", () => ({ "if-match": "*" }), 200],
    ["no tag at all", () => ({ "if-match": "1234" }), 400],
    ["that there is none yet", () => ({ "if-none-match": "*" }), 412],
    ["that there is not some", () => ({ "if-none-match": '"a"' }), 400],
  ])("that names %s is answered as RFC 9110 says", async (name, headers, status) => {
    const { tag } = await ask("GET", "/rules/demographics");
    const label = `q-${name.length}`;
    expect((await put(labelled(label), headers(tag))).status).toBe(status);
  });

  test("of two at one moment on one state only one is made", async () => {
    const { tag } = await ask("GET", "/rules/demographics");
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, number) => put(labelled(`race-${number}`), { "if-match": tag })),
    );
    const made = answers.filter(({ status }) => status === 200);
    expect(made).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(5);
    expect((await ask("GET", "/rules/demographics")).tag).toBe(made[0]!.tag);
  });

  test("to a work item may say what was seen of it, and is refused once anything was done since", async () => {
    const id = await openItem();
    const { tag } = await ask("POST", `/work/${id}/show`, {});
    expect(await ask("POST", `/work/${id}/comment`, { comment: "one" }, { "if-match": tag })).toMatchObject({
      status: 200,
    });
    for (const [deed, body] of [
      ["claim", {}],
      ["comment", { comment: "two" }],
      ["escalate", { comment: "three" }],
    ] as const)
      expect(await ask("POST", `/work/${id}/${deed}`, body, { "if-match": tag })).toMatchObject({ status: 412 });
    expect(await ask("POST", `/work/${id}/claim`, {})).toMatchObject({ status: 200 });
    const now = await ask("POST", `/work/${id}/show`, {});
    expect(now.content.item).toMatchObject({ history: [{ deed: "commented" }, { deed: "claimed" }] });
    const { digest } = now.content.item as { digest: string };
    const decision = { action: "approve", digest };
    expect(await ask("POST", `/work/${id}/decide`, decision, { "if-match": tag })).toMatchObject({ status: 412 });
    expect(await ask("POST", `/work/${id}/decide`, decision, { "if-match": now.tag })).toMatchObject({ status: 200 });
  });

  test("to a work item on one state seen by many at one moment is made once", async () => {
    const id = await openItem();
    const { tag } = await ask("POST", `/work/${id}/show`, {});
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, number) =>
        ask("POST", `/work/${id}/comment`, { comment: `${number}` }, { "if-match": tag }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
  });

  test("of a channel's state may name the state that was seen", async () => {
    const { tag } = await ask("GET", "/channels/adt");
    const paused = await ask("POST", "/channels/adt/state", { state: "paused" }, { "if-match": tag });
    expect(paused).toMatchObject({ status: 200 });
    expect((await ask("GET", "/channels/adt")).tag).toBe(paused.tag);
    expect(await ask("POST", "/channels/adt/state", { state: "stopped" }, { "if-match": tag })).toMatchObject({
      status: 412,
    });
    expect(await ask("POST", "/channels/adt/state", { state: "started" })).toMatchObject({ status: 200 });
    expect(await ask("GET", "/channels/nobody")).toMatchObject({ status: 404, code: "CHANNEL_UNKNOWN" });
  });

  test("is not asked for a state by a list, whose pages end where they say", async () => {
    const queue = newId();
    const ids: string[] = [];
    const work = openWork({ db: site.db, clock: systemClock } as unknown as Parameters<typeof openWork>[0]);
    for (let number = 0; number < 7; number += 1) {
      ids.push(newId());
      const dueAt = new Date(Date.now() + 3_600_000 + (number % 3) * 1_000);
      await site.db.transaction((tx) => work.open(tx, ids.at(-1)!, newItem({ queue, dueAt })));
    }
    const told: string[] = [];
    let cursor: unknown;
    do {
      const { content } = await ask("POST", "/work/list", { queue, limit: 3, ...(cursor ? { cursor } : {}) });
      told.push(...(content.items as { id: string }[]).map(({ id }) => id));
      cursor = content.next;
      // What is more pressing than all that was told comes in before it, and moves nothing.
      const dueAt = new Date(Date.now() + 60_000);
      await site.db.transaction((tx) => work.open(tx, newId(), newItem({ queue, dueAt, criticality: "critical" })));
    } while (cursor !== undefined);
    expect(told).toHaveLength(7);
    expect(new Set(told)).toEqual(new Set(ids));
    const first = await ask("POST", "/work/list", { queue, limit: 3 });
    const elsewhere = await ask("POST", "/work/list", { queue: "other", limit: 3, cursor: first.content.next });
    expect(elsewhere).toMatchObject({ status: 400, code: "REQUEST_INVALID" });
    expect(await ask("POST", "/work/list", { limit: 201 })).toMatchObject({ status: 400 });
  });
});
