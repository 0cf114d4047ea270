// Throttling at the door: what clients are told, what it does not fall for, and what it never keeps out.

import { request as httpRequest } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { GatewayOptions, openGateway } from "#gateway";
import { newId } from "#kernel/ids";
import { openYard, type Yard } from "../door.ts";

let yard: Yard;
beforeAll(async () => {
  yard = await openYard();
});
afterAll(() => yard?.close());

let gateway: Awaited<ReturnType<typeof openGateway>>;
const open = async (throttle: object, more: Partial<GatewayOptions> = {}) => {
  gateway = await yard.open(throttle, more);
};
afterEach(() => gateway?.close());

let person: string;
beforeEach(() => {
  person = newId();
});
const token = (client = "console", sub = person) => yard.token(sub, client);

type Answer = { status: number; headers: Headers; code: string | undefined };
const ask = async (
  bearer: string,
  path = "/ops/v1/work/list",
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const answer = await fetch(`${gateway.address}${path}`, {
    method: "POST",
    body: "{}",
    headers: {
      authorization: `Bearer ${bearer}`,
      "content-type": "application/json",
      "purpose-of-use": "administration",
      ...headers,
    },
  });
  const { code } = (await answer.json()) as { code?: string };
  return { status: answer.status, headers: answer.headers, code };
};
const statuses = (answers: readonly Answer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const times = <Value>(count: number, deed: (turn: number) => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: count }, (_, turn) => deed(turn)));
const leaves = async (actor?: string): Promise<Record<string, unknown>[]> =>
  (
    await yard.desk.db.query<{ body: string }>(
      `select body from audit.leaf where body like '%"request.throttled"%' order by position`,
    )
  )
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    .filter((leaf) => leaf.actor === actor);

const slow = { ops: { perSecond: 1, burst: 10, perDay: 1_000 } };

describe("a client's allowance", () => {
  test("is told with every answer, and a refusal says when to come again", async () => {
    await open(slow);
    const bearer = await token();
    const first = await ask(bearer);
    expect(first.status).toBe(200);
    expect(first.headers.get("ratelimit-policy")).toBe('"rate";q=10;w=10, "day";q=1000;w=86400');
    expect(first.headers.get("ratelimit")).toMatch(/^"rate";r=8;t=2, "day";r=999;t=\d+$/);
    const answers = await times(15, () => ask(bearer));
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.code).toBe("RATE_EXCEEDED");
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.headers.get("ratelimit")).toMatch(/^"rate";r=0;t=1, "day";r=\d+;t=\d+$/);
  });

  test("ends with the day's quota, which the audit is told once", async () => {
    await open({ ops: { perSecond: 100, burst: 100, perDay: 5 } });
    const bearer = await token();
    const answers = await times(30, () => ask(bearer));
    expect(statuses(answers)).toEqual({ 200: 5, 429: 25 });
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.code).toBe("QUOTA_EXCEEDED");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    await expect
      .poll(() => leaves(`trust:${person}`))
      .toMatchObject([{ part: "gateway", outcome: "refused", code: "QUOTA_EXCEEDED", detail: { product: "ops" } }]);
  });

  test("is a client's own where the settings say so, and each person's at a client", async () => {
    await open({ ...slow, clients: [{ client: "batch", product: "ops", perSecond: 20, burst: 40, perDay: 1_000 }] });
    const [batch, other] = [await token("batch"), await token("console", newId())];
    expect((await ask(batch)).headers.get("ratelimit-policy")).toContain("q=40;w=2");
    await times(20, async () => ask(await token()));
    expect((await ask(other)).status).toBe(200);
  });

  test("is of one product: another's is untouched", async () => {
    await open(slow);
    const bearer = await token();
    expect(statuses(await times(20, () => ask(bearer)))[429]).toBeGreaterThan(0);
    const read = await fetch(`${gateway.address}/ops/v1/matching/quality`, {
      headers: { authorization: `Bearer ${bearer}`, "purpose-of-use": "administration" },
    });
    expect(read.status).not.toBe(429);
    expect(read.headers.get("ratelimit-policy")).toContain("q=500");
  });

  test("is shared by nodes, whatever nobody is asked for is told once a minute", async () => {
    await open(slow);
    const one = gateway;
    await open(slow);
    const bearer = await token();
    const both = [one.address, gateway.address];
    const answers = await times(30, (turn) =>
      fetch(`${both[turn % 2]}/ops/v1/work/list`, {
        method: "POST",
        body: "{}",
        headers: {
          authorization: `Bearer ${bearer}`,
          "content-type": "application/json",
          "purpose-of-use": "administration",
        },
      }),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(20);
    await expect.poll(() => leaves(`trust:${person}`)).toHaveLength(1);
    await one.close();
  });
});

describe("no allowance is had by", () => {
  const evade = async (deed: (turn: number) => Promise<Answer>): Promise<void> => {
    const beganAt = performance.now();
    const answers = await times(40, deed);
    const flowedIn = Math.ceil((performance.now() - beganAt) / 1_000);
    const passed = answers.filter(({ status }) => status !== 429 && status !== 404).length;
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(10 + flowedIn);
  };

  test("another token of the same client", async () => {
    await open(slow);
    await evade(async () => ask(await token()));
  });

  test.each<[string, (turn: number) => string]>([
    ["a path in other letters", (turn) => (turn % 2 ? "/ops/v1/work/list" : "/OPS/v1/Work/List")],
    ["a path that is escaped", (turn) => (turn % 2 ? "/ops/v1/work/list" : "/ops/v1/work/%6cist")],
    ["a path with a query", (turn) => `/ops/v1/work/list?turn=${turn}`],
    ["a path with a slash more", (turn) => (turn % 2 ? "/ops/v1/work/list" : "/ops/v1//work/list")],
  ])("%s", async (_, path) => {
    await open({ ...slow, addresses: { perSecond: 1, burst: 10 } });
    const bearer = await token();
    await evade((turn) => ask(bearer, path(turn)));
  });

  test("another method, or headers that name somebody else", async () => {
    await open(slow);
    const bearer = await token();
    await evade((turn) =>
      ask(bearer, "/ops/v1/work/list", {
        "x-forwarded-for": `192.0.2.${turn}`,
        forwarded: `for=192.0.2.${turn}`,
        "x-real-ip": `192.0.2.${turn}`,
        "x-http-method-override": "GET",
        "client-id": `client-${turn}`,
      }),
    );
  });

  test("many connections", async () => {
    await open(slow);
    const bearer = await token();
    const alone = () =>
      new Promise<Answer>((resolve, reject) => {
        const sent = httpRequest(
          `${gateway.address}/ops/v1/work/list`,
          {
            method: "POST",
            agent: false,
            headers: {
              authorization: `Bearer ${bearer}`,
              "content-type": "application/json",
              "purpose-of-use": "administration",
            },
          },
          (answer) => {
            answer.resume();
            resolve({ status: answer.statusCode!, headers: new Headers(), code: undefined });
          },
        );
        sent.once("error", reject).end("{}");
      });
    await evade(alone);
  });
});

describe("an address without a valid token", () => {
  const few = { addresses: { perSecond: 1, burst: 100 }, failedSignIns: { perMinute: 1, burst: 5 } };

  test("is kept out after a few bad credentials, while who is signed in there goes on, and health is answered", async () => {
    await open(few);
    const bearer = await token();
    expect((await ask(bearer)).status).toBe(200);
    for (let turn = 0; turn < 5; turn += 1) expect((await ask(`guess-${turn}`)).status).toBe(401);
    const refused = await ask("guess");
    expect(refused).toMatchObject({ status: 429, code: "RATE_EXCEEDED" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(1);
    expect((await ask(bearer)).status).toBe(200);
    for (const path of ["/health/live", "/health/ready"])
      expect((await fetch(`${gateway.address}${path}`)).status).toBe(200);
    await expect.poll(() => leaves()).toMatchObject([{ code: "RATE_EXCEEDED", detail: { by: "address" } }]);
  });

  test("is not somebody else for what X-Forwarded-For says, unless a trusted proxy says it", async () => {
    const guess = (turn: number, last = `192.0.2.${turn}`) =>
      ask(`guess-${turn}`, "/ops/v1/work/list", { "x-forwarded-for": `10.0.0.${turn}, ${last}` });
    await open(few);
    for (let turn = 0; turn < 5; turn += 1) await guess(turn);
    expect((await guess(6)).status).toBe(429);
    await gateway.close();

    await open(few, { trustedProxies: ["127.0.0.1"] });
    for (let turn = 0; turn < 8; turn += 1) expect((await guess(turn)).status).toBe(401);
    // What stands before the proxy's own word is the client's say, and counts for nothing.
    for (let turn = 0; turn < 5; turn += 1) await guess(turn, "198.51.100.1");
    expect((await guess(9, "198.51.100.1")).status).toBe(429);
    for (let turn = 0; turn < 5; turn += 1) await guess(turn, `2001:db8:1:2::${turn}`);
    expect((await guess(9, "2001:db8:1:2:ffff::1")).status).toBe(429);
  });

  test("asks no more for what is not there than for what is", async () => {
    await open({ addresses: { perSecond: 1, burst: 10 } });
    const answers = await times(30, (turn) => ask("none", `/nothing/${turn}`));
    expect(statuses(answers)[404]).toBeLessThanOrEqual(20);
    expect(statuses(answers)[429]).toBeGreaterThanOrEqual(10);
  });

  test("asks for tokens within its limit", async () => {
    await open(few);
    const grant = () =>
      fetch(`${gateway.address}/oauth2/token`, {
        method: "POST",
        body: new URLSearchParams({ grant_type: "client_credentials", client_assertion: "a.b.c" }),
      });
    for (let turn = 0; turn < 5; turn += 1) expect([400, 401]).toContain((await grant()).status);
    expect((await grant()).status).toBe(429);
  });
});
