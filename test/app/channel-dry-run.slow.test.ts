// `lockgate channel dry-run` on a site at work: a changed copy of its ADT channel, tried on what the hospital sent.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type MllpClient, mllpClient } from "#connectors/mllp";
import type { StoredDryRun } from "#engine/channels";
import { configSchema } from "../../src/app/config.ts";
import { readRunning } from "../../src/app/installation.ts";
import { accessTokenOf } from "../../src/app/signed-in.ts";
import { endAll, kill, type Running, run } from "../chaos/processes.ts";
import { adt } from "../journeys/adt.ts";
import { freePortBase, operatorDesk } from "../journeys/platform-rig.ts";

const MARK = "Markfield";
const DEPLOYED = readFileSync("integrations/demo/adt.channel.ts", "utf8");

let dataDir: string;
let portBase: number;
let platform: Running;
let hospital: MllpClient;

const environment = () => ({ LOCKGATE_DATA: dataDir, LOCKGATE_PORT_BASE: String(portBase) });
const say = (controlId: string, familyName: string) =>
  hospital.send(
    adt({
      event: "A31",
      controlId,
      at: Date.UTC(2026, 0, 5, 12),
      person: { mrn: controlId, familyName, addressLine1: "1 Lock Row", town: "Leeds" },
    }),
  );

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "lockgate-dry-run-"));
  portBase = await freePortBase();
  platform = run("src/app/main.ts", ["start"], environment());
  if ((await platform.line(/Lockgate is ready/)) === undefined) throw new Error(platform.errors.join("\n"));
  hospital = mllpClient({
    host: "127.0.0.1",
    port: portBase + 1,
    connections: 1,
    connectTimeoutMs: 2_000,
    ackTimeoutMs: 10_000,
    maxFrameBytes: 100_000,
  });
  for (const [controlId, name] of [
    ["DR1", MARK],
    ["DR2", MARK],
    ["DR3", "Brookside"],
  ] as const)
    await say(controlId, name);
}, 120_000);
afterAll(async () => {
  await hospital?.close();
  await endAll(dataDir, [platform]);
}, 60_000);

/** A copy of the deployed channel, under a name that no site loads. */
function copy(...changes: readonly (readonly [string, string])[]): string {
  const text = changes.reduce((changed, [from, to]) => {
    expect(changed).toContain(from);
    return changed.replace(from, () => to);
  }, DEPLOYED);
  const path = join(dataDir, "next.channel.ts");
  writeFileSync(path, text);
  return path;
}
async function tried(path: string, ...more: string[]) {
  const { ended, lines, errors } = run("src/app/main.ts", ["channel", "dry-run", path, ...more], environment());
  return { exit: await ended, text: lines.join("\n"), errors: errors.join("\n") };
}
const STRICTER = [
  "return statement;",
  `const name = message.get("PID-5.1") ?? "";
    if (name === "${MARK.toUpperCase()}" || name === "${MARK}")
      throw new LockgateError("PERSON_INVALID", { at: name, reason: "DQ-TEST-001" });
    return statement;`,
] as const;
const ELSEWHERE = ["body: json(statement.update)", "body: json({ ...statement.update, noted: true })"] as const;

async function rows(text: string): Promise<string> {
  const { database } = readRunning(dataDir)!;
  const client = new pg.Client({ ...database, user: "lockgate_auditor" } as pg.ClientConfig);
  await client.connect();
  return client
    .query(text)
    .then((answer) => JSON.stringify(answer.rows))
    .finally(() => client.end());
}

it("finds nothing in the file as it is deployed", async () => {
  const told = await tried("integrations/demo/adt.channel.ts");
  expect(told).toMatchObject({ exit: 0, errors: "" });
  expect(told.text).toMatch(/^adt: 3 messages of 7 days .*\n3 the same, 0 changed$/);
});

it("tells which outcomes a changed file changes, and keeps it for whoever reads channels, with no word of a message", async () => {
  const taken = () => rows("select count(*) from channels.intake");
  const before = await taken();
  const path = copy(STRICTER, ELSEWHERE);
  const told = await tried(path);
  expect(told).toMatchObject({ exit: 0, errors: "" });
  expect(told.text).toContain("0 the same, 3 changed");
  expect(told.text).toContain("  2 went through, and would fail");
  expect(told.text).toMatch(/refused: accepted → PERSON_INVALID at withheld \(DQ-TEST-001\)/);
  expect(told.text).toMatch(/content: noted$/m);
  const asked = await tried(path, "--days", "1", "--json");
  expect(JSON.parse(asked.text)).toMatchObject({
    channel: "adt",
    messages: 3,
    changed: 3,
    byKind: { refused: 2, content: 1 },
    byPath: { noted: 1 },
  });
  const desk = operatorDesk(`http://127.0.0.1:${portBase}`, {
    headersOf: async () => ({
      authorization: `Bearer ${await accessTokenOf(configSchema.parse({ dataDir, portBase }), undefined)}`,
      "purpose-of-use": "administration",
    }),
  });
  const { runs } = await desk.call<{ runs: StoredDryRun[] }>("GET", "/channels/adt/dry-runs");
  expect(runs).toHaveLength(3);
  expect(runs[0]).toMatchObject({ by: "command line", file: "next.channel.ts", changed: 3, startedAt: null });
  expect(runs[0]!.text).toBe(readFileSync(path, "utf8"));
  expect(runs[2]).toMatchObject({ changed: 0, startedAt: expect.any(String) });
  expect(await taken()).toBe(before);
  const kept = await rows("select id, by_kind, by_path, differences from channels.dry_run");
  const leaves = await rows("select body from audit.leaf where body like '%channel.tried%'");
  expect(JSON.parse(leaves)).toHaveLength(3);
  const log = readFileSync(join(dataDir, "log", "lockgate.log"), "utf8");
  for (const text of [told.text, asked.text, kept, leaves, log])
    expect(text.toLowerCase()).not.toMatch(/markfield|brookside|lock row/);
});

it.each<[string, () => string, number, RegExp]>([
  [
    "a text that is no program",
    () => copy(["export default", "export default )"]),
    2,
    /^CONFIG_INVALID: .*next\.channel\.ts/,
  ],
  ["a file that is not there", () => join(dataDir, "absent.ts"), 2, /^CONFIG_INVALID: .*cannot be read/],
  ["a channel that was never deployed", () => copy(['name: "adt"', 'name: "bdt"']), 1, /^CHANNEL_UNKNOWN: .*bdt/],
])("refuses %s in one line", async (_, make, exit, line) => {
  const told = await tried(make());
  expect(told.exit).toBe(exit);
  expect(told.errors).toMatch(line);
});

it("needs no running platform", async () => {
  kill(platform.pid, "SIGTERM");
  expect(await platform.ended).toBe(0);
  const told = await tried(copy(ELSEWHERE), "--json");
  expect(JSON.parse(told.text)).toMatchObject({ changed: 3, byKind: { content: 3 } });
});
