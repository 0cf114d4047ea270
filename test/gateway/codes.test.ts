// Code maps over HTTP: who may look and who may map, what is refused, and that of two who map one code the second is told.

import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Codes, openCodes } from "#engine/codes";
import { openGateway } from "#gateway";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { openLog } from "#kernel/log";
import { openCodeDesk } from "#services/supply";
import type { GatewayOptions } from "../../src/gateway/types.ts";
import { type TestDatabase, testDatabase } from "../database.ts";
import { openTestIssuer, type TestIssuer } from "./identity/test-issuer.ts";

/** What answers may hold. */
type Told = {
  readonly maps: readonly { readonly map: string }[];
  readonly entries: readonly { readonly code: string }[];
  readonly changes: readonly unknown[];
  readonly targets: readonly unknown[];
  readonly next?: string;
};

const sue = { name: "sue", roles: ["supply"] };
const suppliers = [
  { code: "V00008", name: "Aldwych Surgical Supplies Ltd", isBlocked: false },
  { code: "V00011", name: "Dunmore Medical Ltd", isBlocked: true },
];

describe("code maps", () => {
  let database: TestDatabase;
  let people: TestIssuer;
  let codes: Codes;
  let gateway: Awaited<ReturnType<typeof openGateway>>;
  let isErpDown = false;
  let number = 0;
  let code: string;
  beforeAll(async () => {
    [database, people] = await Promise.all([testDatabase(), openTestIssuer()]);
    const { db } = database;
    codes = openCodes({ db, clock: systemClock });
    const supplies = {
      entry: async (_: string, asked: string) => suppliers.find((one) => one.code === asked),
      search: async (_: string, text: string, most: number) => {
        if (isErpDown) throw new LockgateError("ERP_UNAVAILABLE", { retryAfterMs: 2_000 });
        return suppliers.filter(({ name }) => name.includes(text)).slice(0, most);
      },
    };
    const absent = new Proxy({}, { get: () => expect.unreachable("no test asks for this") }) as never;
    gateway = await openGateway({
      host: "127.0.0.1",
      port: 0,
      db,
      backbone: absent,
      channels: undefined,
      sagas: absent,
      persons: absent,
      changes: absent,
      matching: absent,
      work: { groups: absent } as never,
      resubmissions: absent,
      rules: absent,
      codes: openCodeDesk({
        codes,
        supplies,
        work: { countAbout: async () => [{ subject: "supplier STORES ALDW-7", waiting: 40 }] },
        writeback: { ask: (work) => work() },
      }),
      trials: absent,
      recordedDecisions: absent,
      clock: systemClock,
      log: openLog("silent"),
      identity: people.identity,
      policies: join(import.meta.dirname, "../../resources/policies"),
      environment: "test",
      reconcile: undefined,
    } as GatewayOptions);
  });
  afterAll(async () => {
    await gateway.close();
    people.close();
    await database.drop();
  });
  beforeEach(() => {
    isErpDown = false;
    number += 1;
    code = `NEW-${number}`;
  });

  async function ask(path: string, body?: unknown, as: { name: string; roles: string[] } = sue) {
    const answer = await fetch(`${gateway.address}/ops/v1/code-maps${path}`, {
      method: body ? "POST" : "GET",
      headers: { ...(await people.headersOf(as)), ...(body ? { "content-type": "application/json" } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, content: (await answer.json()) as Told };
  }
  const mapping = (more: object = {}) => ({ system: "STORES", code, target: "V00008", replaces: null, ...more });

  test("are mapped in the name of whoever maps, and told with who and when", async () => {
    expect(await ask("/supplier/entries", mapping())).toMatchObject({
      status: 200,
      content: { system: "STORES", code, target: "V00008", by: "test:sue" },
    });
    expect((await ask(`/supplier/entries?search=${code}`)).content.entries).toMatchObject([{ code, by: "test:sue" }]);
    expect((await ask("/supplier/changes?limit=1")).content.changes).toMatchObject([{ code, replaced: null }]);
  });

  test("are listed with how much is mapped and how much waits", async () => {
    const { maps } = (await ask("")).content;
    expect(maps.map(({ map }) => map)).toEqual(["item", "supplier", "unit", "location"]);
    expect(maps[1]).toMatchObject({ domain: "supply", unmapped: 1, waiting: 40 });
  });

  test("tell their codes page by page, each once", async () => {
    for (const letter of ["A", "B", "C"]) await codes.install("unit", "PAGED", { [letter]: "BOX" });
    const first = (await ask("/unit/entries?limit=2")).content;
    const second = (await ask(`/unit/entries?limit=2&after=${first.next}`)).content;
    const told = [...first.entries, ...second.entries].map((one) => one.code);
    expect(told).toEqual(["A", "B", "C"]);
    expect(second.next).toBeUndefined();
  });

  test("tell what the ERP has, blocked ones as such", async () => {
    expect((await ask("/supplier/targets")).content.targets).toEqual(suppliers);
    expect((await ask("/supplier/targets?search=Aldwych")).content.targets).toEqual([suppliers[0]]);
    isErpDown = true;
    expect(await ask("/supplier/targets")).toMatchObject({ status: 503, content: { code: "ERP_UNAVAILABLE" } });
  });

  test("tell the second of two who map one code, and keep what the first said", async () => {
    await ask("/supplier/entries", mapping());
    expect(await ask("/supplier/entries", mapping(), { name: "ben", roles: ["supply"] })).toMatchObject({
      status: 412,
      content: { code: "PRECONDITION_FAILED" },
    });
    expect((await codes.changes("supplier", 1))[0]).toMatchObject({ code, by: "test:sue" });
  });

  test.each([
    ["a map that is none", "/colour/entries", {}, 404, "CODE_MAP_UNKNOWN"],
    ["a target that the ERP does not hold", "/supplier/entries", { target: "V99999" }, 422, "CODE_TARGET_UNFIT"],
    ["a target that is blocked", "/supplier/entries", { target: "V00011" }, 422, "CODE_TARGET_UNFIT"],
    ["a code with a line break", "/supplier/entries", { code: "A\nB" }, 400, "REQUEST_INVALID"],
    ["a code with space around it", "/supplier/entries", { code: " A" }, 400, "REQUEST_INVALID"],
    [
      "a mapping that does not say what it replaces",
      "/supplier/entries",
      { replaces: undefined },
      400,
      "REQUEST_INVALID",
    ],
  ])("refuse %s", async (_, path, more, status, refused) => {
    expect(await ask(path, mapping(more))).toMatchObject({ status, content: { code: refused } });
  });

  test.each([
    ["supply", 200, 200],
    ["operator", 200, 403],
    ["auditor", 200, 403],
    ["approver", 403, 403],
    ["finance", 403, 403],
  ])("let the role %s look with %i and map with %i", async (role, look, map) => {
    const somebody = { name: `some-${role}`, roles: [role] };
    expect((await ask("", undefined, somebody)).status).toBe(look);
    expect((await ask("/supplier/entries", undefined, somebody)).status).toBe(look);
    expect((await ask("/supplier/targets", undefined, somebody)).status).toBe(look);
    expect((await ask("/supplier/entries", mapping(), somebody)).status).toBe(map);
  });
});
