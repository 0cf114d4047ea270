// Rules over HTTP: what is in force, putting a text in force, and a dry run that tells no personal value.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareSources, type DecisionInput, decide, type Pack, readPack } from "#canonical/packs";
import { openRules, type Rules } from "#engine/rules";
import { openGateway } from "#gateway";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import type { GatewayOptions, RecordedDecision } from "../../src/gateway/types.ts";
import { type TestDatabase, testDatabase } from "../database.ts";
import { openTestIssuer, type TestIssuer } from "./identity/test-issuer.ts";

const demo = readFileSync("resources/rules/demographics.yaml", "utf8");
const strict = readFileSync("resources/rules/strict.yaml", "utf8");
const anna = { name: "anna", roles: ["steward", "operator"] };
const unused = (): never => {
  throw new Error("no test asks for this");
};
/** What stands in the inputs of decisions and must never come out. */
const MARK = "Markfield";

describe("the rules of a running platform", () => {
  let database: TestDatabase;
  let people: TestIssuer;
  let rules: Rules<Pack>;
  let gateway: Awaited<ReturnType<typeof openGateway>>;
  let recorded: RecordedDecision[] = [];
  let since: Date | undefined;
  beforeAll(async () => {
    [database, people] = await Promise.all([testDatabase(), openTestIssuer()]);
    const { db } = database;
    const log = openLog("silent");
    rules = openRules({ db, clock: systemClock, log }, { check: (_, text) => readPack(text) });
    const absent = new Proxy({}, { get: unused }) as never;
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
      rules,
      codes: absent,
      trials: absent,
      recordedDecisions: async function* (from: Date) {
        since = from;
        yield* recorded;
      },
      clock: systemClock,
      log,
      identity: people.identity,
      policies: join(import.meta.dirname, "../../resources/policies"),
      environment: "test",
      reconcile: undefined,
    } as GatewayOptions);
    await rules.install("demographics", demo);
  });
  afterAll(async () => {
    await gateway.close();
    people.close();
    await database.drop();
  });

  async function ask(method: string, path: string, body?: unknown, token?: string) {
    const answer = await fetch(`${gateway.address}/ops/v1${path}`, {
      method,
      headers: {
        ...(await people.headersOf(anna)),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(method === "PUT" ? (path === "/rules/others" ? { "if-none-match": "*" } : { "if-match": "*" }) : {}),
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, text, content: JSON.parse(text) };
  }

  const decidedOn = (input: DecisionInput): RecordedDecision => {
    const pack = readPack(demo);
    return { journeyId: newId(), at: new Date(), input, decision: decide(compareSources({ ...input, pack }), pack) };
  };

  test("are listed and shown with their text and their history", async () => {
    const { content } = await ask("GET", "/rules");
    expect(content.rules).toMatchObject([{ name: "demographics", version: "1", by: "lockgate" }]);
    const shown = await ask("GET", "/rules/demographics");
    expect(shown.content).toMatchObject({ version: "1", text: demo, history: [{ version: "1", by: "lockgate" }] });
    const { digest } = readPack(demo);
    expect((await ask("GET", `/rules/demographics/${digest}`)).content).toMatchObject({ digest, text: demo });
  });

  test("change when a text is put, in the name of whoever put it, and change back", async () => {
    expect((await ask("PUT", "/rules/demographics", { text: strict })).content).toMatchObject({
      version: "strict-1",
      changed: true,
    });
    expect((await rules.current("demographics")).version).toBe("strict-1");
    expect((await ask("PUT", "/rules/demographics", { text: demo })).content).toMatchObject({
      version: "1",
      changed: true,
    });
    expect((await ask("PUT", "/rules/demographics", { text: demo })).content).toMatchObject({ changed: false });
    expect((await rules.history("demographics")).map(({ by }) => by)).toEqual(["test:anna", "test:anna", "lockgate"]);
  });

  test.each<[string, string, string, unknown, number, string]>([
    ["a name that nobody put", "GET", "/rules/others", undefined, 404, "RULES_UNKNOWN"],
    ["a digest that nobody put", "GET", `/rules/demographics/${"0".repeat(64)}`, undefined, 404, "RULES_UNKNOWN"],
    ["a digest that is none", "GET", "/rules/demographics/abc", undefined, 400, "REQUEST_INVALID"],
    ["a text that is no pack", "PUT", "/rules/demographics", { text: "a: 1" }, 422, "RULES_INVALID"],
    ["a pack of another name", "PUT", "/rules/others", { text: demo }, 422, "RULES_INVALID"],
    [
      "a label used for other content",
      "PUT",
      "/rules/demographics",
      { text: demo.replace("dueHours: 48", "dueHours: 47") },
      409,
      "RULES_VERSION_TAKEN",
    ],
    [
      "a change in the name of somebody else",
      "PUT",
      "/rules/demographics",
      { text: demo, as: { name: "ben", roles: ["steward"] } },
      400,
      "REQUEST_INVALID",
    ],
    [
      "a dry run of a text that is no pack",
      "POST",
      "/rules/demographics/dry-run",
      { text: "a: 1", days: 1 },
      422,
      "RULES_INVALID",
    ],
    ["a dry run over no days", "POST", "/rules/demographics/dry-run", { text: demo, days: 0 }, 400, "REQUEST_INVALID"],
  ])("refuse %s", async (_, method, path, body, status, code) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.content.code).toBe(code);
  });

  test("are shown to nobody without the token", async () => {
    expect((await ask("GET", "/rules", undefined, "wrong")).status).toBe(401);
  });

  test("are tried on what was decided, and nothing personal is told", async () => {
    const erp = { familyName: MARK, givenName: "Anne", birthDate: "1980-05-17", town: MARK };
    recorded = [
      decidedOn({ erp, proposed: { town: `${MARK} Green` }, national: { outcome: "none" } }),
      decidedOn({ erp, proposed: { gender: "female" }, national: { outcome: "none" } }),
      decidedOn({ erp, proposed: { familyName: `${MARK}-Sample` }, national: { outcome: "none" } }),
      decidedOn({ erp: null, proposed: erp, national: { outcome: "none" } }),
    ];
    expect((await ask("POST", "/rules/demographics/dry-run", { text: demo, days: 7 })).content).toEqual({
      decided: 4,
      changed: 0,
      byField: {},
      differences: [],
    });
    expect(Date.now() - since!.getTime()).toBeGreaterThanOrEqual(7 * 86_400_000);
    const { text, content } = await ask("POST", "/rules/demographics/dry-run", { text: strict, days: 7 });
    expect(content).toMatchObject({
      decided: 4,
      changed: 4,
      byField: { person: 1, town: 2, gender: 1, familyName: 2, givenName: 1, birthDate: 1, ask: 4 },
    });
    expect(content.differences).toContainEqual({
      journeyId: recorded[0]!.journeyId,
      at: recorded[0]!.at.toISOString(),
      field: "town",
      was: "apply",
      would: "approve",
    });
    expect(text).not.toContain(MARK);
    const [leaf] = await database.db.query<{ body: string }>(
      `select body from audit.leaf where body like '%"rules.tried"%' order by position desc limit 1`,
    );
    expect(JSON.parse(leaf!.body)).toMatchObject({ detail: { version: "strict-1", days: 7, decided: 4, changed: 4 } });
  });

  test("tell the first 200 differences of a dry run and count them all", async () => {
    const one = decidedOn({ erp: {}, proposed: { town: "Truro" }, national: { outcome: "none" } });
    recorded = Array.from({ length: 300 }, () => one);
    const { content } = await ask("POST", "/rules/demographics/dry-run", { text: strict, days: 1 });
    expect(content).toMatchObject({ decided: 300, changed: 300, byField: { town: 300, ask: 300 } });
    expect(content.differences).toHaveLength(200);
  });
});
