// Every dead letter tried again by one command: as a job of the platform's own, that goes on when the command has ended.

import { afterAll, beforeAll, expect, it } from "vitest";
import type { Replay } from "#engine/backbone";
import { writeRunning } from "../../src/app/installation.ts";
import { run } from "../chaos/processes.ts";
import { until } from "../until.ts";
import { adt } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { noon } from "./telling.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
  await site.people.signIn(site.dataDir, person("otto", "operator"));
  writeRunning(site.dataDir, { pid: process.pid, http: site.http, database: {} });
});
afterAll(() => site?.close());

async function command(...args: string[]) {
  const { ended, lines, errors } = run("src/app/main.ts", args, { LOCKGATE_DATA: site.dataDir });
  return { exit: await ended, text: lines.join("\n"), errors: errors.join("\n") };
}
const now = (id: string) => site.call<Replay>("GET", `/replays/${id}`);
const died = async (...mrns: string[]) => {
  const before = (await site.deadLetters()).length;
  for (const mrn of mrns)
    await site.send(adt({ event: "A31", controlId: mrn, at: noon, person: { mrn, birthDate: "19791402" } }));
  await until(async () => (await site.deadLetters()).length === before + mrns.length);
};

it("is started by the command and tells of every letter what became of it", async () => {
  expect(await command("dead-letters", "replay", "--all")).toMatchObject({ exit: 0, text: "no dead letters" });
  await died("RA1", "RA2", "RA3");
  const reason = "the feed was mended";
  const told = await command("dead-letters", "replay", "--all", "--reason", reason, "--rate", "100", "--json");
  expect(told.exit).toBe(0);
  const started = JSON.parse(told.text) as Replay;
  expect(started).toMatchObject({ state: "running", targets: 3, perSecond: 100, reason, startedBy: "test:otto" });
  await until(async () => (await now(started.id)).state === "done");
  expect((await now(started.id)).counts).toMatchObject({ failed: 3, pending: 0 });
});

it("stops once whoever started it is seen without their role, and goes on for whoever takes it on", async () => {
  await died("RB1", "RB2", "RB3");
  const rosa = person("rosa", "operator");
  const { replay } = await site.call<{ replay: Replay }>("POST", "/replays", { filter: {} }, rosa);
  const { id, digest } = replay;
  await site.call("POST", `/replays/${id}/start`, { digest, perSecond: 0.1, reason: "mended" }, rosa);
  await expect(site.call("GET", "/replays", undefined, person("rosa", "approver"))).rejects.toThrow("ACCESS_REFUSED");
  await until(async () => (await now(id)).state === "paused");
  expect((await command("replays", "show", id)).text).toContain("stopped by itself: test:rosa lost a role");
  expect((await command("replays", "resume", id)).exit).toBe(0);
  expect(await now(id)).toMatchObject({
    state: "running",
    startedBy: "test:rosa",
    actingBy: "test:otto",
    lapsed: null,
  });
  expect((await command("replays", "cancel", id)).exit).toBe(0);
});
