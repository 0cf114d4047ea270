// A dead letter mended from the command line: its text goes to a file, the mended file is proposed, and somebody else decides.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Parked } from "#engine/backbone";
import type { Resubmission } from "#engine/resubmissions";
import type { Caller } from "../../src/app/client.ts";
import {
  listResubmissions,
  printLetter,
  proposeMended,
  showResubmission,
} from "../../src/app/commands/resubmissions.ts";
import { decideWork } from "../../src/app/commands/work.ts";
import type { Config } from "../../src/app/config.ts";
import { writeRunning } from "../../src/app/installation.ts";
import { run } from "../chaos/processes.ts";
import { until } from "../until.ts";
import { adt } from "./adt.ts";
import { idOf, person, type Site, startSite } from "./platform-rig.ts";
import { noon } from "./telling.ts";

const BROKEN = "19791402";
const mia = person("mia", "operator");
const ivan = person("ivan", "integration-engineer");

let site: Site;
let letter: Parked;
beforeAll(async () => {
  site = await startSite();
  for (const one of [ivan, mia]) await site.people.signIn(site.dataDir, one);
  writeRunning(site.dataDir, { pid: process.pid, http: site.http, database: {} });
  await site.send(adt({ event: "A31", controlId: "MC1", at: noon, person: { mrn: "MC1", birthDate: BROKEN } }));
  await until(async () => (await site.deadLetterOf("MC1")) !== undefined);
  letter = await site.deadLetterOf("MC1");
});
afterAll(() => site?.close());

const as = (who: typeof mia, reason?: string): Caller => ({
  config: { dataDir: site.dataDir } as Config,
  as: who.name,
  reason,
});

/** What a command prints, and what it says beside that. */
async function told(command: () => Promise<number>): Promise<{ text: string; beside: string }> {
  const said = { text: "", beside: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((chunk) => {
      said[stream === "stdout" ? "text" : "beside"] += String(chunk);
      return true;
    }),
  );
  await command().finally(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return { text: said.text.trimEnd(), beside: said.beside };
}

it("is shown for a reason, proposed from a file, listed, shown by its differences, and decided by somebody else", async () => {
  const place = { subscription: letter.subscription, position: `${letter.position}` };
  await expect(printLetter(as(mia), place, false)).rejects.toMatchObject({ code: "ACCESS_REFUSED" });
  const shown = await told(() => printLetter(as(mia, "the date of birth is broken"), place, false));
  // Nobody knows the person: what may tell where they are is hidden, and that is said beside the text and not in it.
  expect(shown.beside).toContain("•••");
  expect(shown.text.split("\n").every((line) => /^[A-Z][A-Z0-9]{2}\|/.test(line))).toBe(true);

  const file = join(site.dataDir, "message.hl7");
  const propose = () => proposeMended(as(mia), place, { file, comment: "as the ward has it" }, true);
  await expect(propose()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  writeFileSync(file, shown.text);
  await expect(propose()).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  writeFileSync(file, readFileSync(file, "utf8").replace(BROKEN, "19791204"));
  const proposed = await told(propose);
  const { id, itemId, fields } = JSON.parse(proposed.text) as Resubmission;
  expect(fields).toEqual(["PID-7"]);
  expect(proposed.text).not.toContain("19791204");

  const listed = (state: string) => told(() => listResubmissions(as(mia), state, false));
  expect((await listed("proposed")).text.split("\n").at(-1)?.split(/ {2,}/)).toEqual([
    id,
    "proposed",
    "adt",
    place.position,
    "PID-7",
    idOf(mia),
    itemId,
  ]);
  const show = (reason?: string) => told(() => showResubmission(as(ivan, reason), id, false));
  expect((await show()).text).not.toMatch(/1979\d{4}/);
  expect((await show("to decide on it")).text).toMatch(
    new RegExp(`^- PID\\|.*${BROKEN}.*\\n\\+ PID\\|.*19791204`, "m"),
  );

  const approve = (who: typeof mia) => told(() => decideWork(as(who), itemId, { action: "approve" }, false));
  await expect(approve(mia)).rejects.toMatchObject({ code: "ACCESS_REFUSED" });
  await approve(ivan);
  expect((await show()).text).toMatch(/^state +taken-in$/m);
  expect((await listed("proposed")).text).toBe("no resubmissions");
  await expect(listed("nonsense")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
});

it("is a command that says what it wants", async () => {
  const command = (...args: string[]) => run("src/app/main.ts", args, { LOCKGATE_DATA: site.dataDir }).ended;
  const mend = ["dead-letters", "mend", letter.subscription, `${letter.position}`];
  expect(await command(...mend, "--file", "message.hl7")).toBe(2);
  expect(await command(...mend, "--as", "mia", "--reason", "to see that it ended")).toBe(0);
  expect(await command("work", "groups", "preview", "--like", "an-item", "--deed", "nonsense")).toBe(2);
});
