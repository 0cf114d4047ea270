// Contract first: what the documents say holds for every request and every answer, and routes and documents are the same.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { openLog } from "#kernel/log";
import { lintDocument } from "../../../scripts/contracts/lint.ts";
import { openContracts } from "../../../src/gateway/contracts/contracts.ts";
import { type Action, actionNames, domains } from "../../../src/gateway/policy/actions.ts";
import { casesOf } from "../../../src/gateway/policy/matrix.ts";
import { openPolicy } from "../../../src/gateway/policy/policy.ts";
import { roles } from "../../../src/gateway/policy/roles.ts";

const resources = join(import.meta.dirname, "../../../resources");
const text = { type: "string" };
const thing = {
  type: "object",
  required: ["id"],
  properties: { id: text, inner: { type: "object", properties: { a: text } } },
};

/** A document of one operation, on a server of its own. */
const documentOf = (operation: object = {}, paths: object = {}) => ({
  openapi: "3.1.0",
  info: {
    title: "Things",
    version: "1.0.0",
    "x-lockgate-product": "things",
    "x-lockgate-owner": "us",
    "x-lockgate-criticality": "low",
  },
  servers: [{ url: "/things/v1" }],
  paths: {
    "/{id}": {
      post: {
        operationId: "changeThing",
        summary: "Change a thing.",
        parameters: [
          { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } },
          { name: "count", in: "query", schema: { type: "integer", maximum: 5, default: 1 } },
        ],
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: { type: "object", required: ["name"], properties: { name: text }, additionalProperties: false },
            },
          },
        },
        responses: { "200": { content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } } },
        ...operation,
      },
    },
    ...paths,
  },
  components: { schemas: { Thing: thing } },
});

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

function contractsOf(
  document: object,
  { isLive = false, log = openLog("silent") }: { isLive?: boolean; log?: Log } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "lockgate-contracts-"));
  opened.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "things.v1.yaml"), stringify(document));
  return openContracts({ folder, isLive, log });
}

async function serve(
  document: object,
  answer: unknown,
  options: { isLive?: boolean; log?: Log } = {},
): Promise<FastifyInstance> {
  const contracts = contractsOf(document, options);
  const server = fastify({ ajv: { customOptions: { coerceTypes: false } } });
  opened.push(() => server.close());
  server.setErrorHandler(
    (thrown: LockgateError & { validation?: readonly { keyword: string; instancePath: string }[] }, _, reply) =>
      thrown.validation
        ? reply.code(400).send({ keyword: thrown.validation[0]!.keyword, at: thrown.validation[0]!.instancePath })
        : reply.code(thrown.row.http).send({ code: thrown.code, detail: thrown.message }),
  );
  await server.register(
    async (under) =>
      contracts.route(under, "changeThing", async (request) =>
        typeof answer === "function" ? answer(request) : answer,
      ),
    { prefix: "/things/v1" },
  );
  return server;
}

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const ask = (server: FastifyInstance, { path = ID, body = { name: "a" } as unknown } = {}) =>
  server.inject({
    method: "POST",
    url: `/things/v1/${path}`,
    headers: { "content-type": "application/json" },
    payload: JSON.stringify(body),
  });

describe("a route by its operation", () => {
  test("has the method, the path and the defaults that the document says", async () => {
    const server = await serve(
      documentOf(),
      ({ params, query }: { params: { id: string }; query: { count: unknown } }) => ({
        id: `${params.id} ${typeof query.count} ${query.count}`,
      }),
    );
    expect((await ask(server)).json()).toEqual({ id: `${ID} number 1` });
    expect((await ask(server, { path: `${ID}?count=3` })).json()).toEqual({ id: `${ID} number 3` });
  });

  test.each<[string, { path?: string; body?: unknown }, string]>([
    ["a path that is not of its form", { path: "one" }, "format"],
    ["a query above its bound", { path: `${ID}?count=6` }, "maximum"],
    ["a query that no document names", { path: `${ID}?other=1` }, "additionalProperties"],
    ["a member that no document names", { body: { name: "a", admin: true } }, "additionalProperties"],
    ["a number for a text", { body: { name: 1 } }, "type"],
    ["no member where one is needed", { body: {} }, "required"],
    ["null for a body", { body: null }, "type"],
  ])("refuses %s", async (_, request, keyword) => {
    const answer = await ask(await serve(documentOf(), { id: "a" }), request);
    expect([answer.statusCode, answer.json().keyword]).toEqual([400, keyword]);
  });

  test("without a body takes an empty one, and none that says something", async () => {
    const server = await serve(documentOf({ requestBody: undefined }), { id: "a" });
    expect((await ask(server, { body: {} })).statusCode).toBe(200);
    expect((await server.inject({ method: "POST", url: `/things/v1/${ID}` })).statusCode).toBe(200);
    expect((await ask(server, { body: { name: "a" } })).statusCode).toBe(400);
  });

  test.each<[string, unknown, string]>([
    ["lacks a member", { inner: {} }, "required"],
    ["has a member that no document names", { id: "a", planted: "Zaphod" }, "unevaluatedProperties"],
    ["has such a member deep within", { id: "a", inner: { planted: "Zaphod" } }, "unevaluatedProperties"],
    ["has a member of another type", { id: 7 }, "type"],
  ])("withholds an answer that %s, and logs where without a value", async (_, answer, keyword) => {
    const lines: string[] = [];
    const log = {
      ...openLog("silent"),
      error: (words: string, fields?: object) => void lines.push(JSON.stringify([words, fields])),
    } as Log;
    const refused = await ask(await serve(documentOf(), answer, { log }));
    expect([refused.statusCode, refused.json().code]).toEqual([500, "ANSWER_INVALID"]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(keyword);
    expect(lines[0] + refused.body).not.toContain("Zaphod");
  });

  test("gives an answer of another form in live use, and logs it", async () => {
    const lines: string[] = [];
    const log = { ...openLog("silent"), error: (words: string) => void lines.push(words) } as Log;
    const server = await serve(documentOf(), { id: 7 }, { isLive: true, log });
    for (let times = 0; times < 65; times += 1) expect((await ask(server)).json()).toEqual({ id: 7 });
    expect(lines).toHaveLength(2);
  });

  test("withholds a success of a status that no document names", async () => {
    const document = documentOf({
      responses: {
        "202": { description: "taken" },
        default: { content: { "application/problem+json": { schema: { type: "object", required: ["code"] } } } },
      },
    });
    expect((await ask(await serve(document, { a: 1 }))).json().code).toBe("ANSWER_INVALID");
  });

  test("on its way out says since when, until when, and where that is written", async () => {
    const leaving = { deprecated: true, "x-deprecated-at": "2026-01-01T00:00:00Z", "x-sunset": "2026-07-01T00:00:00Z" };
    const { headers } = await ask(await serve(documentOf(leaving), { id: "a" }));
    expect(headers).toMatchObject({
      deprecation: "@1767225600",
      sunset: "Wed, 01 Jul 2026 00:00:00 GMT",
      link: '</openapi/things.v1.yaml>; rel="deprecation"; type="application/yaml"',
    });
    expect((await ask(await serve(documentOf(), { id: "a" }))).headers).not.toHaveProperty("deprecation");
  });
});

describe("documents and routes", () => {
  const invalid = expect.objectContaining({ code: "CONTRACT_INVALID" });

  test("are the same, or the gateway does not start", async () => {
    const contracts = contractsOf(documentOf());
    const server = fastify();
    opened.push(() => server.close());
    const settle = contracts.watch(server);
    expect(settle).toThrow(expect.objectContaining({ at: "POST /things/v1/:id" }));
    await server.register(async (under) => contracts.route(under, "changeThing", async () => ({})), {
      prefix: "/things/v1",
    });
    settle();
    server.get("/secret", async () => ({}));
    expect(settle).toThrow(expect.objectContaining({ at: "GET /secret" }));
  });

  test("of two operations of one id, of an operation that there is not, and of another base are refused", async () => {
    const again = { "/": { get: { operationId: "changeThing", summary: "Again.", responses: {} } } };
    expect(() => contractsOf(documentOf({}, again))).toThrow(invalid);
    const server = fastify();
    opened.push(() => server.close());
    expect(() => contractsOf(documentOf()).route(server, "other", async () => ({}))).toThrow(invalid);
    await server.register(
      async (under) =>
        expect(() => contractsOf(documentOf()).route(under, "changeThing", async () => ({}))).toThrow(invalid),
      { prefix: "/others/v1" },
    );
    await server.ready();
  });

  test("that refer to what is not there, or to themselves, are refused", () => {
    const referring = (schema: object) => ({ ...documentOf(), components: { schemas: { Thing: schema } } });
    expect(() => contractsOf(referring({ $ref: "#/components/schemas/None" }))).toThrow(invalid);
    expect(() => contractsOf(referring({ $ref: "#/components/schemas/Thing" }))).toThrow(invalid);
  });
});

describe("the documents of this platform", () => {
  const contracts = openContracts({ folder: join(resources, "openapi"), isLive: false, log: openLog("silent") });
  const policy = openPolicy({ folder: join(resources, "policies") });
  type Node = { "x-lockgate-purpose"?: string; security?: readonly Record<string, readonly string[]>[] };
  const rows = contracts.operations.map((one) => {
    const node = one.document.paths[one.path.slice(one.document.base.length)]![one.method.toLowerCase()] as Node;
    return [one.id, one, node] as const;
  });

  test("name an action of the policies wherever somebody has to be let in", () => {
    const secured = contracts.operations.filter(({ document }) => document.base !== "");
    expect(secured.length).toBeGreaterThan(50);
    for (const { id, actions } of secured) expect([id, actions.length > 0]).toEqual([id, true]);
    for (const { id, actions } of contracts.operations)
      expect([id, actions.filter((one) => !actionNames.includes(one))]).toEqual([id, []]);
  });

  test("say that a purpose is needed where the policies need one, and nowhere else", () => {
    // `finance` is a domain and a purpose; other domains tell.
    const plain: readonly string[] = ["yes", ...domains.filter((one) => one !== "finance")];
    const withoutPurpose = (action: Action): boolean =>
      roles.some((role) => casesOf(policy, role, action).some((one) => plain.includes(one)));
    for (const [id, { actions }, node] of rows) {
      if (actions.length === 0) continue;
      const said = node["x-lockgate-purpose"] === "required";
      expect([id, said]).toEqual([id, !actions.some(withoutPurpose)]);
    }
  });

  test("offer to machines exactly the scopes that are actions of the operation", () => {
    for (const [id, { actions }, { security = [] }] of rows)
      for (const scopes of security.flatMap(({ machine }) => (machine ? [machine] : [])))
        expect([id, scopes.filter((one) => !(actions as readonly string[]).includes(one))]).toEqual([id, []]);
  });

  test("honour a key on every write", () => {
    const askedOnly = /^(search|list|show|match|try|explain|report|export|reveal)/;
    const writes = contracts.operations.filter(
      ({ id, method, actions }) => method !== "GET" && actions.length > 0 && !askedOnly.test(id),
    );
    expect(writes.length).toBeGreaterThan(15);
    for (const { id, request } of writes)
      expect([id, Object.keys(request.headers.properties as object)]).toEqual([
        id,
        expect.arrayContaining(["idempotency-key"]),
      ]);
  });

  test("hold no number that may be somebody's: NHS numbers are of the test range", () => {
    for (const { text: content } of contracts.documents)
      for (const [found] of content.matchAll(/(?<![\d.a-f-])\d{10}(?![\d.a-f-])/g))
        expect(found.slice(0, 3)).toBe("999");
  });

  test("are found wanting by the lint where one is bent", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lockgate-lint-"));
    opened.push(() => rmSync(folder, { recursive: true }));
    const bend = async (from: string | RegExp, to: string) => {
      const source = readFileSync(join(resources, "openapi/ops.v1.yaml"), "utf8");
      expect(source.search(from)).toBeGreaterThan(0);
      writeFileSync(join(folder, "ops.v1.yaml"), source.replace(from, to));
      return (await lintDocument(join(folder, "ops.v1.yaml"))).join("\n");
    };
    expect(await bend(/summary: Find journeys.*\n/, "\n")).toContain("operation-summary");
    expect(await bend('example: { key: "9990000018" }', "example: { kex: 1 }")).toContain(
      "no-invalid-media-type-examples",
    );
    expect(await bend(/ {8}default: .*\n/, "")).toContain("operation-has-problem");
    expect(await bend("  x-lockgate-owner: integration team\n", "")).toContain("info-owned");
  }, 30_000);
});
