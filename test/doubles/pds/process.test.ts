// The double as a process of its own: ready line, what is kept over a kill, a clean end, no orphan.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { seedNumbers } from "../../../doubles/pds/index.ts";
import { assertionFor, keys } from "./site.ts";

const program = new URL("../../../doubles/pds/main.ts", import.meta.url).pathname;
let data: string;
let running: ChildProcess[] = [];
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "pds-double-"));
  await writeFile(join(data, "demo.pem"), keys.publicKey.export({ type: "spki", format: "pem" }));
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  running = [];
  await rm(data, { recursive: true });
});

async function launch(...more: string[]): Promise<{ child: ChildProcess; origin: string }> {
  const child = spawn(process.execPath, [program, "--port", "0", "--data", data, ...more], { stdio: "pipe" });
  running.push(child);
  const [line] = await once(child.stdout!, "data");
  const { ready, port } = JSON.parse(String(line));
  expect(ready).toBe(true);
  return { child, origin: `http://127.0.0.1:${port}` };
}

async function ended(child: ChildProcess, how: () => void): Promise<unknown> {
  const exit = once(child, "exit");
  how();
  return exit;
}

const admin = async (origin: string, path: string, body?: object) =>
  (await fetch(`${origin}/admin/${path}`, body ? { method: "POST", body: JSON.stringify(body) } : {})).text();

async function sendUpdate(origin: string, roleId = "1"): Promise<{ status: number; text: string }> {
  const { accessToken } = JSON.parse(await admin(origin, "users", { roleId, organisation: "ZZ1" }));
  const answer = await fetch(`${origin}/personal-demographics/FHIR/R4/Patient/${seedNumbers.ordinary}`, {
    method: "PATCH",
    body: '{"patches":[{"op":"replace","path":"/gender","value":"unknown"}]}',
    headers: {
      authorization: `Bearer ${accessToken}`,
      "x-request-id": "0b1f4c1e-5d2c-4c39-9a52-2e0d9f7f2f11",
      "if-match": 'W/"1"',
      "content-type": "application/json-patch+json",
    },
  });
  return { status: answer.status, text: await answer.text() };
}

test("people, keys, done updates and the ledger outlive a kill, and a line that was not finished is taken away", async () => {
  const first = await launch("--public-key", join(data, "demo.pem"));
  const done = await sendUpdate(first.origin);
  expect(done.status).toBe(200);
  const [people, ledger] = await Promise.all([admin(first.origin, "patients"), admin(first.origin, "ledger")]);
  await ended(first.child, () => first.child.kill("SIGKILL"));
  await appendFile(join(data, "pds.journal.jsonl"), '{"person":{"patient":{"id":"torn');

  const second = await launch();
  expect(await admin(second.origin, "patients")).toBe(people);
  expect(await admin(second.origin, "ledger")).toBe(ledger);
  expect(await sendUpdate(second.origin)).toEqual(done);
  const form = {
    grant_type: "client_credentials",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertionFor(`${second.origin}/oauth2/token`),
  };
  const token = await fetch(`${second.origin}/oauth2/token`, { method: "POST", body: new URLSearchParams(form) });
  expect(token.status).toBe(200);
});

test("SIGTERM ends it with code 0", async () => {
  const { child } = await launch();
  expect(await ended(child, () => child.kill("SIGTERM"))).toEqual([0, null]);
});

test("it ends by itself when its parent's end of stdin closes", async () => {
  const { child } = await launch("--with-parent");
  expect(await ended(child, () => child.stdin!.end())).toEqual([0, null]);
});

test("a port that is none is refused before anything listens", async () => {
  const child = spawn(process.execPath, [program, "--port", "http"], { stdio: "ignore" });
  running.push(child);
  expect(await once(child, "exit")).toEqual([2, null]);
});
