// The stream of news: what it tells, from where it goes on, who may read it, and that it is bounded.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { append } from "#engine/audit";
import { newId } from "#kernel/ids";
import { type Browser, openBrowser, openSite, type SignInSite } from "../sessions/browser-rig.ts";

type Event = { readonly id: number; readonly kinds: readonly string[] };
const LAVISH = { addresses: { perSecond: 10_000, burst: 10_000 } };

describe("the stream of news", () => {
  let site: SignInSite;
  let stella: Browser;
  const open: AbortController[] = [];
  beforeAll(async () => {
    site = await openSite({ throttle: LAVISH });
    stella = openBrowser();
    await site.signIn(stella, "stella");
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.abort();
  });
  afterAll(() => site?.close());

  const cookieOf = (browser: Browser): string =>
    [...browser.jarOf(site.gateway.address)].map(([name, value]) => `${name}=${value}`).join("; ");

  /** Asks as a browser's EventSource does. */
  async function follow(browser: Browser | undefined, headers: Record<string, string> = {}) {
    const ending = new AbortController();
    open.push(ending);
    const answer = await fetch(`${site.gateway.address}/ops/v1/events`, {
      signal: ending.signal,
      headers: { ...(browser ? { cookie: cookieOf(browser) } : {}), ...headers },
    });
    let text = "";
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const bytes of answer.body ?? []) text += decoder.decode(bytes, { stream: true });
    })();
    reading.catch(() => undefined);
    const events = (): Event[] =>
      [...text.matchAll(/^id: (\d+)\nevent: changed\ndata: (.*)$/gm)].map(([, id, data]) => ({
        id: Number(id),
        kinds: (JSON.parse(data!) as Event).kinds,
      }));
    const told = (): string[] => [...new Set(events().flatMap(({ kinds }) => kinds))].sort();
    return { answer, reading, events, told, text: () => text, end: () => ending.abort() };
  }

  const happen = (name: string, journeyId?: string) =>
    site.desk.db.transaction((tx) =>
      append(tx, [{ at: new Date(), part: "test", name, outcome: "ok", ...(journeyId ? { journeyId } : {}) }]),
    );

  test("tells what kinds of things changed, and nothing of them", async () => {
    const stream = await follow(stella);
    expect(stream.answer.headers.get("content-type")).toContain("text/event-stream");
    expect(stream.answer.headers.get("cache-control")).toBe("no-store");
    await expect.poll(stream.events).toHaveLength(1);
    const journeyId = newId();
    await happen("work.opened", journeyId);
    await happen("channel.paused");
    await expect.poll(stream.told).toEqual(["channels", "flows", "journeys", "work"]);
    expect(stream.text()).not.toContain(journeyId);
    expect(
      stream
        .text()
        .replaceAll(/^(retry: \d+|id: \d+|event: changed|data: \{"kinds":\[[a-z",-]*\]\}|: still here|)$/gm, "")
        .trim(),
    ).toBe("");
  });

  test("tells nobody that somebody looked, for a page would look again", async () => {
    const stream = await follow(stella);
    await expect.poll(stream.events).toHaveLength(1);
    await site.list(stella, { "x-csrf-token": (await site.session(stella)).csrfToken });
    await happen("access.seen", newId());
    await happen("replay.ended");
    await expect.poll(stream.told).toEqual(["dead-letters", "replays"]);
  });

  test("goes on where the one before ended: what changed meanwhile is told first", async () => {
    const before = await follow(stella);
    await expect.poll(before.events).toHaveLength(1);
    before.end();
    await happen("rules.applied");
    const after = await follow(stella, { "last-event-id": String(before.events()[0]!.id) });
    await expect.poll(after.told).toEqual(["rules"]);
    expect(after.events()[0]!.id).toBeGreaterThan(before.events()[0]!.id);
    const again = await follow(stella, { "last-event-id": String(after.events()[0]!.id) });
    await expect.poll(() => again.events().length).toBeGreaterThan(0);
    expect(again.told().filter((kind) => kind === "rules")).toEqual([]);
  });

  test.each([
    ["lies beyond the end of the log", 9_007_199_254_740_991],
    ["lies too far back to read all that came since", 0],
  ])("says that everything may have changed where the last event %s", async (_, id) => {
    if (id === 0)
      for (let turn = 0; turn < 6; turn += 1)
        await Promise.all(Array.from({ length: 100 }, () => happen("access.seen")));
    const stream = await follow(stella, { "last-event-id": String(id) });
    await expect
      .poll(stream.told)
      .toEqual(["channels", "dead-letters", "flows", "journeys", "replays", "rules", "work"]);
  });

  test.each([
    ["nobody who is not signed in", undefined, {}, 401, "REQUEST_UNAUTHENTICATED"],
    ["no session that there is not", undefined, { cookie: `lockgate-session=${"a".repeat(43)}` }, 401, "SESSION_ENDED"],
    ["no id that is no number", "stella", { "last-event-id": "seven" }, 400, "REQUEST_INVALID"],
  ] as const)("takes %s", async (_, who, headers, status, code) => {
    const { answer, reading, text } = await follow(who ? stella : undefined, headers);
    await reading;
    expect(answer.status).toBe(status);
    expect(JSON.parse(text())).toMatchObject({ code });
  });

  test("takes nobody who signed in by a password alone", async () => {
    await site.admin("users", "PUT", [{ id: "weak", name: "Wendy Weak", roles: ["operator"], acr: "password" }]);
    const weak = openBrowser();
    await site.signIn(weak, "weak");
    const { answer, reading, text } = await follow(weak);
    await reading;
    expect(answer.status).toBe(403);
    expect(JSON.parse(text())).toMatchObject({ code: "SECOND_FACTOR_REQUIRED" });
  });

  test("is bounded for each person, and a place that is given back can be had again", async () => {
    const streams = await Promise.all(Array.from({ length: 8 }, () => follow(stella)));
    expect(streams.map(({ answer }) => answer.status)).toEqual(Array(8).fill(200));
    const ninth = await follow(stella);
    expect(ninth.answer.status).toBe(429);
    expect(ninth.answer.headers.get("retry-after")).toBe("30");
    const jane = openBrowser();
    await site.signIn(jane, "jane");
    expect((await follow(jane)).answer.status).toBe(200);
    streams[0]!.end();
    await expect.poll(async () => (await follow(stella)).answer.status).toBe(200);
  });

  test("ends soon after the session does", async () => {
    const jane = openBrowser();
    await site.signIn(jane, "jane");
    const stream = await follow(jane);
    await expect.poll(stream.text).toContain(": still here");
    const { csrfToken } = await site.session(jane);
    await jane.go(`${site.gateway.address}/auth/sign-out`, { method: "POST", headers: { "x-csrf-token": csrfToken } });
    await stream.reading;
    expect((await follow(jane)).answer.status).toBe(401);
  });

  test("is on record as an access, once, when it begins", async () => {
    const before = (await site.leaves("access.read")).filter(({ detail }) =>
      String((detail as { route: string }).route).includes("/events"),
    ).length;
    const stream = await follow(stella);
    await expect.poll(stream.text).toContain(": still here");
    const after = (await site.leaves("access.read")).filter(({ detail }) =>
      String((detail as { route: string }).route).includes("/events"),
    );
    expect(after.length - before).toBe(1);
    expect(after.at(-1)).toMatchObject({ actor: "demo:stella", detail: { action: "live.follow" } });
  });
});
