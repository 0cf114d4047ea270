// The catalogue of API products: told to whoever is let in, as data and as a page that runs nothing.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayOptions, identitySettings } from "#gateway";
import { openLog } from "#kernel/log";
import { catalogueOf } from "../../src/gateway/catalogue.ts";
import { cataloguePage } from "../../src/gateway/catalogue-page.ts";
import { openContracts } from "../../src/gateway/contracts/contracts.ts";
import { throttleSettings } from "../../src/gateway/throttle/settings.ts";
import { openYard, type Yard } from "./door.ts";

const contracts = openContracts({ folder: "resources/openapi", isLive: false, log: openLog("silent") });
const clients = [
  { id: "reporting", keys: [{ kty: "EC" }], scopes: ["work.list", "persons.match"], purposes: ["administration"] },
];
const productsAt = (now: string, operations = contracts.operations) =>
  catalogueOf({
    documents: contracts.documents,
    operations,
    clients: identitySettings.parse({ clients }).clients,
    throttle: throttleSettings.parse({
      clients: [{ client: "reporting", product: "ops", perSecond: 7, burst: 9, perDay: 11 }],
    }),
    now: new Date(now),
  });

describe("the catalogue", () => {
  let yard: Yard;
  let gateway: Awaited<ReturnType<Yard["open"]>>;
  beforeAll(async () => {
    yard = await openYard();
    const backlog = async () => [
      { subscription: "write-nav", topic: "nav-write.requested" },
      { subscription: "verify", topic: "person.updated" },
      { subscription: "other", topic: "person.updated.elsewhere" },
    ];
    gateway = await yard.open({}, { backbone: { backlog } as unknown as GatewayOptions["backbone"] });
  });
  afterAll(async () => {
    await gateway?.close();
    await yard?.close();
  });
  const get = async (path: string, token?: string) =>
    fetch(`${gateway.address}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

  test("names each product with its owner, criticality, version, quota and document", async () => {
    const answer = await get("/ops/v1/catalogue", await yard.token("ann"));
    const { products } = (await answer.json()) as { products: Record<string, unknown>[] };
    expect(products.map(({ product, version, state }) => [product, version, state])).toEqual([
      ["demographics", "1.0.0", "active"],
      ["ops", "1.0.0", "active"],
      ["platform", "1.0.0", "active"],
    ]);
    expect(products[0]).toMatchObject({
      base: "/demographics/v1",
      owner: "demographics team",
      criticality: "critical",
      document: "/openapi/demographics.v1.yaml",
      quota: { perSecond: 100 },
    });
    for (const { document } of products) {
      const text = await (await get(String(document), await yard.token("ann"))).text();
      expect(text.startsWith("openapi: 3.1.0")).toBe(true);
    }
  });

  test("names each topic with its owner, version, what it carries and who reads it now", async () => {
    const answer = await get("/ops/v1/catalogue", await yard.token("ann"));
    const { topics } = (await answer.json()) as { topics: Record<string, unknown>[] };
    const topic = (name: string) => topics.find((one) => one.topic === name);
    expect(topics).toHaveLength(13);
    expect(topic("person.updated")).toEqual({
      topic: "person.updated",
      product: "demographics",
      version: "1.0.0",
      owner: "demographics team",
      criticality: "critical",
      says: expect.stringContaining("Statements of sources"),
      carries: [{ name: "PersonUpdated", contentType: "application/json", summary: "What a source said of a person." }],
      ways: ["told", "taken"],
      consumers: ["verify"],
    });
    expect(topic("{system}-write.requested")).toMatchObject({ ways: ["told"], consumers: ["write-nav"] });
    expect(topic("match.sampled")).toMatchObject({ product: "matching", consumers: [] });
    const page = await (await get("/catalogue", await yard.token("ann"))).text();
    expect(page).toContain("{system}-write.requested");
    expect(page).toContain("What a source said of a person.");
  });

  test.each(["/ops/v1/catalogue", "/catalogue", "/openapi/ops.v1.yaml"])(
    "is not told at %s to nobody",
    async (path) => {
      expect((await get(path)).status).toBe(401);
    },
  );

  test.each(["/openapi/other.v1.yaml", "/openapi/..%2f..%2fpackage.json", "/openapi/ops.v1.yml"])(
    "has no document %s",
    async (path) => {
      expect((await get(path, await yard.token("ann"))).status).toBeOneOf([400, 404]);
    },
  );

  test("is a page whose policy lets nothing run and no style in but its own", async () => {
    const answer = await get("/catalogue", await yard.token("ann"));
    const page = await answer.text();
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = answer.headers.get("content-security-policy")!;
    expect(policy).not.toContain("unsafe");
    expect(policy).not.toContain("script-src");
    const style = /<style>([\s\S]*)<\/style>/.exec(page)![1]!;
    expect(policy).toContain(`'sha256-${createHash("sha256").update(style).digest("base64")}'`);
    expect(page).not.toMatch(/<script|\son\w+=|style=|javascript:/i);
    expect(page).toContain("demographics team");
  });

  test("tells which machines reach into a product, by which scopes, and how much each may ask", () => {
    const [demographics, ops] = productsAt("2026-01-01");
    expect(ops!.consumers).toEqual([
      { client: "reporting", scopes: ["work.list"], quota: expect.objectContaining({ perSecond: 7, perDay: 11 }) },
    ]);
    expect(demographics!.consumers).toMatchObject([{ scopes: ["persons.match"], quota: { perSecond: 100 } }]);
  });

  test("calls a product deprecated, and ended, once every operation of it is", () => {
    const [from, till] = [new Date("2026-02-01"), new Date("2026-08-01")];
    const leaving = (ids: readonly string[] | undefined) =>
      contracts.operations.map((one) =>
        ids === undefined || ids.includes(one.id) ? { ...one, deprecatedAt: from, sunset: till } : one,
      );
    const stateAt = (now: string, ids?: readonly string[]) => productsAt(now, leaving(ids))[0]!.state;
    expect(stateAt("2026-01-01")).toBe("active");
    expect(stateAt("2026-03-01")).toBe("deprecated");
    expect(stateAt("2026-09-01")).toBe("ended");
    expect(stateAt("2026-03-01", ["readPerson"])).toBe("active");
    expect(productsAt("2026-03-01", leaving(["readPerson"]))[0]!.deprecated).toMatchObject([
      { operation: "readPerson" },
    ]);
  });

  test("keeps what settings say from becoming part of the page", () => {
    const [one] = productsAt("2026-01-01");
    const page = cataloguePage([{ ...one!, owner: '<script>alert("1")</script>' }], []);
    expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(page).not.toContain("<script");
  });
});
