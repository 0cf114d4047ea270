// Every dead letter tried again by one command: as a job of the platform's own, that goes on when the command has ended.

import { expect, it } from "vitest";
import type { Replay } from "#engine/backbone";
import { writeRunning } from "../../src/app/installation.ts";
import { run } from "../chaos/processes.ts";
import { until } from "../until.ts";
import { adt } from "./adt.ts";
import { person, startSite } from "./platform-rig.ts";
import { noon } from "./telling.ts";

it("is started by the command and tells of every letter what became of it", async () => {
  const site = await startSite();
  try {
    const command = async (...args: string[]) => {
      const { ended, lines, errors } = run("src/app/main.ts", args, { LOCKGATE_DATA: site.dataDir });
      return { exit: await ended, text: lines.join("\n"), errors: errors.join("\n") };
    };
    await site.people.signIn(site.dataDir, person("otto", "operator"));
    writeRunning(site.dataDir, { pid: process.pid, http: site.http, database: {} });
    expect(await command("dead-letters", "replay", "--all")).toMatchObject({ exit: 0, text: "no dead letters" });
    for (const mrn of ["RA1", "RA2", "RA3"])
      await site.send(adt({ event: "A31", controlId: mrn, at: noon, person: { mrn, birthDate: "19791402" } }));
    await until(async () => (await site.deadLetters()).length === 3);
    const reason = "the feed was mended";
    const told = await command("dead-letters", "replay", "--all", "--reason", reason, "--rate", "100", "--json");
    expect(told.exit).toBe(0);
    const started = JSON.parse(told.text) as Replay;
    expect(started).toMatchObject({ state: "running", targets: 3, perSecond: 100, reason, startedBy: "test:otto" });
    const now = () => site.call<Replay>("GET", `/replays/${started.id}`);
    await until(async () => (await now()).state === "done");
    expect((await now()).counts).toMatchObject({ failed: 3, pending: 0 });
  } finally {
    await site.close();
  }
});
