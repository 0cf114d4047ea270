// The HTTP way in: who may, how errors look, what is recorded.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Site, startSite } from "../journeys/platform-rig.ts";

describe("the gateway", () => {
  let site: Site;
  let http: string;
  beforeAll(async () => {
    site = await startSite();
    http = `http://127.0.0.1:${site.mllpPort - 1}`;
  });
  afterAll(() => site.close());

  const leavesNamed = async (name: string): Promise<Record<string, unknown>[]> =>
    (
      await site.db.query<{ body: string }>({
        text: "select body from audit.leaf where body like $1 order by position",
        values: [`%"name":"${name}"%`],
      })
    ).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const ask = async (path: string, init: RequestInit = {}) =>
    fetch(`${http}${path}`, {
      ...init,
      headers: {
        ...(await site.people.headersOf()),
        "access-reason": "a look at what is not there",
        ...(init.body ? { "content-type": "application/json" } : {}),
      },
    });

  test("says that it lives and is ready to anybody", async () => {
    expect(await (await fetch(`${http}/health/live`)).json()).toEqual({ status: "live" });
    expect(await (await fetch(`${http}/health/ready`)).json()).toEqual({ status: "ready" });
  });

  test.each([
    ["no credential", {}],
    ["a wrong token", { authorization: "Bearer wrong" }],
    ["an empty token", { authorization: "Bearer " }],
    ["another scheme", { authorization: "Basic a-token-for-tests-only" }],
  ])("refuses %s and records the refusal", async (_, headers) => {
    const before = (await leavesNamed("access.refused")).length;
    const answer = await fetch(`${http}/ops/v1/channels`, { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ status: 401, code: "REQUEST_UNAUTHENTICATED" });
    expect((await leavesNamed("access.refused")).slice(before)).toMatchObject([
      { part: "gateway", outcome: "refused" },
    ]);
  });

  test.each<[string, string, RequestInit, number, string]>([
    ["a path that is not there", "/nothing", {}, 404, "ROUTE_UNKNOWN"],
    [
      "a journey that is not known",
      "/ops/v1/journeys/search",
      { method: "POST", body: '{"key":"nobody"}' },
      404,
      "JOURNEY_UNKNOWN",
    ],
    ["a body that is not JSON", "/ops/v1/journeys/search", { method: "POST", body: "{" }, 400, "REQUEST_INVALID"],
    ["a body without its field", "/ops/v1/journeys/search", { method: "POST", body: "{}" }, 400, "REQUEST_INVALID"],
    [
      "a key that is too long",
      "/ops/v1/journeys/search",
      { method: "POST", body: JSON.stringify({ key: "x".repeat(201) }) },
      400,
      "REQUEST_INVALID",
    ],
    [
      "a body that is too large",
      "/ops/v1/journeys/search",
      { method: "POST", body: JSON.stringify({ key: "x".repeat(2_000_000) }) },
      413,
      "REQUEST_INVALID",
    ],
    ["a dead letter that is not known", "/ops/v1/dead-letters/adt/7", {}, 404, "DEAD_LETTER_UNKNOWN"],
    ["a position that is no number", "/ops/v1/dead-letters/adt/seven", {}, 400, "REQUEST_INVALID"],
    ["a proof of a position that is no number", "/ops/v1/audit/proof/seven", {}, 400, "REQUEST_INVALID"],
    [
      "a channel that is not known",
      "/ops/v1/channels/nobody/state",
      { method: "POST", body: '{"state":"paused"}' },
      404,
      "CHANNEL_UNKNOWN",
    ],
    [
      "a state that there is not",
      "/ops/v1/channels/adt/state",
      { method: "POST", body: '{"state":"gone"}' },
      400,
      "REQUEST_INVALID",
    ],
  ])("answers %s with problem details and a code", async (_, path, init, status, code) => {
    const answer = await ask(path, init);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(await answer.json()).toMatchObject({ code, type: `urn:lockgate:error:${code}` });
  });

  test("records every access to content and every look-up", async () => {
    await ask("/ops/v1/journeys/search", { method: "POST", body: '{"key":"nobody"}' });
    expect((await leavesNamed("access.searched")).at(-1)).toMatchObject({
      actor: "test:olive",
      detail: { found: 0 },
    });
  });
});
