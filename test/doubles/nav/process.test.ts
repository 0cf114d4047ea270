// The double as a process of its own: ready line, state over a restart, a clean end, no orphan.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { basic, cronus, send } from "./site.ts";

type Child = ChildProcessByStdio<Writable, Readable, null>;
const main = new URL("../../../doubles/nav/main.ts", import.meta.url).pathname;
const children: Child[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "nav-double-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(directory, { recursive: true });
});

async function start(...flags: string[]): Promise<{ child: Child; origin: string }> {
  const child = spawn(process.execPath, [main, "--data", directory, ...flags], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const ready = JSON.parse(line) as { ready: boolean; odataPort: number; soapPort: number };
  expect(ready).toEqual({ ready: true, odataPort: expect.any(Number), soapPort: expect.any(Number) });
  return { child, origin: `http://127.0.0.1:${ready.odataPort}` };
}

const patients = (origin: string) => `${origin}/BC/api/lockgate/integration/v1.0/companies(${cronus.id})/patients`;
const create = (origin: string, body: object) =>
  send(patients(origin), { method: "POST", body, headers: { authorization: basic } });

test("records, keys, series, ETags and ledger are the same after a kill and a restart, and a torn last line is cut off", async () => {
  const first = await start();
  const created = await create(first.origin, { mrn: "RX70", externalReference: "wb-1" });
  await create(first.origin, { mrn: "RX1000001" });
  const ledger = (await send(`${first.origin}/admin/ledger`, {})).text;
  const gone = once(first.child, "exit");
  first.child.kill("SIGKILL");
  await gone;
  await appendFile(join(directory, "nav.journal.jsonl"), '{"version":99,"rows":[["torn');

  const second = await start();
  expect((await send(`${second.origin}/admin/ledger`, {})).text).toBe(ledger);
  const again = await send(`${patients(second.origin)}(${created.json.id})`, { headers: { authorization: basic } });
  expect(again.json["@odata.etag"]).toBe(created.json["@odata.etag"]);
  expect((await create(second.origin, { mrn: "RX71", externalReference: "wb-1" })).json.error.code).toBe(
    "Internal_EntityWithSameKeyExists",
  );
  expect((await create(second.origin, { mrn: "RX72" })).json.number).toBe("PAT00016");
  const goneAgain = once(second.child, "exit");
  second.child.kill("SIGKILL");
  await goneAgain;

  const third = await start();
  const kinds = (await send(`${third.origin}/admin/ledger`, {})).text.match(/"key":"PAT\d+"/g);
  expect(kinds).toEqual(['"key":"PAT00013"', '"key":"PAT00016"']);
});

test("SIGTERM ends it with code 0", async () => {
  const { child } = await start();
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  expect(await gone).toEqual([0, null]);
});

test("it ends by itself when its parent's end of stdin closes", async () => {
  const { child } = await start("--with-parent");
  const gone = once(child, "exit");
  child.stdin.end();
  expect(await gone).toEqual([0, null]);
});
