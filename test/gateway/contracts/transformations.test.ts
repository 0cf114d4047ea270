// Transformations: what a version or a consumer calls otherwise is told in its words, and nothing else is told for it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fastify } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { transformationSettings } from "#gateway";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { openContracts } from "../../../src/gateway/contracts/contracts.ts";
import { transformed } from "../../../src/gateway/contracts/transformations.ts";
import { newItem } from "../../engine/work/desk.ts";
import { openYard, type Yard } from "../door.ts";

const people = { persons: [{ name: "a", sex: "male", tags: ["male", 1] }, { name: "b" }], total: 2 };

describe("a step", () => {
  test.each<[string, object, unknown, unknown]>([
    ["calls a member otherwise", { rename: "/total", to: "count" }, { total: 2 }, { count: 2 }],
    [
      "does so in each entry of a list",
      { rename: "/persons/*/name", to: "called" },
      people,
      {
        persons: [{ called: "a", sex: "male", tags: ["male", 1] }, { called: "b" }],
        total: 2,
      },
    ],
    ["leaves one value where both names are there", { rename: "/a", to: "b" }, { a: 1, b: 2 }, { b: 1 }],
    [
      "leaves a member out",
      { drop: "/persons/*/tags" },
      people,
      {
        persons: [{ name: "a", sex: "male" }, { name: "b" }],
        total: 2,
      },
    ],
    ["gives a value where there is none", { fill: "/a", with: 7 }, {}, { a: 7 }],
    ["leaves a value that is there, null too", { fill: "/a", with: 7 }, { a: null }, { a: null }],
    [
      "tells values by other words",
      { values: "/persons/*/sex", as: { male: "M" } },
      people,
      {
        persons: [{ name: "a", sex: "M", tags: ["male", 1] }, { name: "b" }],
        total: 2,
      },
    ],
    [
      "tells values of a list by other words",
      { values: "/tags", as: { male: "M" } },
      { tags: ["male", 1] },
      { tags: ["M", 1] },
    ],
    ["passes over what is not there", { rename: "/none/a", to: "b" }, people, people],
    ["passes over what is no object", { drop: "/a" }, ["a"], ["a"]],
    ["passes over nothing", { drop: "/a" }, null, null],
    [
      "takes a name of JavaScript's for no member",
      { values: "/a", as: {} },
      { a: "constructor" },
      { a: "constructor" },
    ],
  ])("%s", (_, step, before, after) => {
    const [declared] = transformationSettings.parse([{ client: "a", operation: "b", answer: [step] }]);
    const kept = structuredClone(before);
    expect(transformed(before, declared!.answer)).toEqual(after);
    expect(before).toEqual(kept);
  });

  test.each<[string, object]>([
    ["a prototype", { rename: "/a", to: "__proto__" }],
    ["a member below a prototype", { drop: "/__proto__/a" }],
    ["a whole list", { drop: "/a/*" }],
    ["nothing", { drop: "/" }],
    ["two things at once", { drop: "/a", to: "b" }],
    ["an object", { fill: "/a", with: { b: 1 } }],
  ])("names %s in vain", (_, step) => {
    expect(transformationSettings.safeParse([{ client: "a", operation: "b", answer: [step] }]).success).toBe(false);
  });
});

describe("a version", () => {
  const text = { type: "string" };
  const closed = (properties: object) => ({
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  });
  const document = (transform: object) => ({
    openapi: "3.1.0",
    info: { title: "Things", version: "1.0.0" },
    servers: [{ url: "/things/v1" }],
    paths: {
      "/": {
        post: {
          operationId: "keepThing",
          summary: "Keep a thing.",
          "x-lockgate-transform": transform,
          requestBody: { required: true, content: { "application/json": { schema: closed({ surname: text }) } } },
          responses: { "200": { content: { "application/json": { schema: closed({ surname: text }) } } } },
        },
      },
    },
  });
  async function serve(transform: object, secret: object = {}) {
    const folder = mkdtempSync(join(tmpdir(), "lockgate-versions-"));
    writeFileSync(join(folder, "things.v1.yaml"), stringify(document(transform)));
    const server = fastify();
    try {
      const contracts = openContracts({ folder, isLive: false, log: openLog("silent") });
      await server.register(
        async (under) =>
          contracts.route<{ Body: { familyName: string } }>(under, "keepThing", async ({ body }) => ({
            ...secret,
            familyName: body.familyName,
          })),
        { prefix: "/things/v1" },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
    return server;
  }
  const words = {
    request: [{ rename: "/surname", to: "familyName" }],
    answer: [{ rename: "/familyName", to: "surname" }],
  };

  test("is spoken at both ends as its document says, whatever the platform says by now", async () => {
    const server = await serve(words);
    const ask = (payload: object) => server.inject({ method: "POST", url: "/things/v1/", payload });
    expect((await ask({ surname: "Brookside" })).json()).toEqual({ surname: "Brookside" });
    expect((await ask({ familyName: "Brookside" })).statusCode).toBe(400);
    await server.close();
  });

  test("lets nothing out that its document does not name", async () => {
    const server = await serve(words, { planted: "Zaphod" });
    const answer = await server.inject({ method: "POST", url: "/things/v1/", payload: { surname: "Brookside" } });
    expect([answer.statusCode, answer.body.includes("Zaphod")]).toEqual([500, false]);
    await server.close();
  });

  test("with a transformation that is none is refused", async () => {
    await expect(serve({ request: [{ move: "/a" }] })).rejects.toThrow(
      expect.objectContaining({ code: "CONTRACT_INVALID" }),
    );
  });
});

describe("a consumer", () => {
  let yard: Yard;
  let gateway: Awaited<ReturnType<Yard["open"]>>;
  const item = newId();
  const declared = [
    {
      client: "old-board",
      operation: "listWork",
      request: [
        { rename: "/area", to: "domain" },
        { values: "/domain", as: { people: "demographics" } },
      ],
      answer: [
        { rename: "/items", to: "jobs" },
        { rename: "/jobs/*/title", to: "headline" },
        { drop: "/jobs/*/digest" },
      ],
    },
    { client: "old-board", operation: "commentWork", answer: [{ values: "/done", as: { commented: "noted" } }] },
  ];
  beforeAll(async () => {
    yard = await openYard();
    gateway = await yard.open({}, { transformations: transformationSettings.parse(declared) });
    await yard.desk.db.transaction((tx) => yard.desk.work.open(tx, item, newItem({ domain: "demographics" })));
  });
  afterAll(async () => {
    await gateway?.close();
    await yard?.close();
  });
  const post = async (path: string, body: object, client: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${gateway.address}/ops/v1/work/${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await yard.token("ann", client)}`,
        "purpose-of-use": "administration",
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test("is answered in its own words, and every other in the document's", async () => {
    const own = await post("list", { area: "people" }, "old-board");
    expect(own).toMatchObject({ status: 200, body: { jobs: [{ id: item, headline: "A change waits for approval" }] } });
    expect(JSON.stringify(own.body)).not.toMatch(/digest|"items"|"title"/);
    const others = await post("list", { domain: "demographics" }, "console");
    expect(others.body).toMatchObject({ items: [{ id: item, title: "A change waits for approval" }] });
  });

  test("asks for nothing by its own words that the document would refuse, and is refused in the form of all", async () => {
    expect(await post("list", { area: "people", admin: true }, "old-board")).toMatchObject({
      status: 400,
      body: { code: "REQUEST_INVALID" },
    });
    expect((await post("list", { area: "people" }, "console")).status).toBe(400);
  });

  test("is answered in its own words again under the same key", async () => {
    const key = { "idempotency-key": "asked-the-ward-1" };
    const once = await post(`${item}/comment`, { comment: "asked the ward" }, "old-board", key);
    expect(once).toMatchObject({ status: 200, body: { done: "noted" } });
    expect(await post(`${item}/comment`, { comment: "asked the ward" }, "old-board", key)).toEqual(once);
  });

  test.each([
    ["of an operation that there is not", [{ client: "a", operation: "other" }]],
    ["told twice", [declared[1]!, declared[1]!]],
  ])("whose transformation is %s keeps the gateway from starting", async (_, wrong) => {
    await expect(yard.open({}, { transformations: transformationSettings.parse(wrong) })).rejects.toThrow(
      expect.objectContaining({ code: "CONTRACT_INVALID" }),
    );
  });
});
