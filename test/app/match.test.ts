// Holds `lockgate match dedupe` and `link` to their promises as commands: exit codes, what they say, and what a killed run leaves.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePeople } from "../../bench/people-file.ts";

let folder = "";
const inFolder = (name: string): string => join(folder, name);
const map = {
  id: "rec_id",
  environment: "test",
  fields: { givenName: "given_name", familyName: "family_name", birthDate: "dob", postcode: "postcode" },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "match-command-"));
  writeFileSync(inFolder("map.json"), JSON.stringify(map));
  await writePeople(inFolder("people.csv"), 500, 3);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { readonly code: number | null; readonly said: string; readonly complained: string };

function start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ["src/app/main.ts", "match", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [said, complained]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complained.push(chunk));
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
  const ended = new Promise<Ended>((resolve) =>
    child.once("close", (code) => resolve({ code, said: text(said), complained: text(complained) })),
  );
  return { child, ended };
}

const dedupe = (out: string, ...more: string[]) =>
  start("dedupe", "--in", inFolder("people.csv"), "--map", inFolder("map.json"), "--out", inFolder(out), ...more);

test("dedupe writes pairs and clusters, saves the model it trained, and says what it did", async () => {
  const more = ["--clusters", inFolder("clusters.csv"), "--train", "--save-model", inFolder("model.json"), "--json"];
  const { code, said } = await dedupe("pairs.csv", ...more).ended;
  expect(code).toBe(0);
  const summary = JSON.parse(said);
  expect(summary).toMatchObject({ records: 500, leftOut: 0, model: "uk 2", isFitted: true });
  const pairs = readFileSync(inFolder("pairs.csv"), "utf8").trimEnd().split("\n");
  expect(pairs[0]).toBe("id_a,id_b,weight,probability,decision,reasons");
  expect(pairs.length - 1).toBe(summary.linked + summary.reviews);
  expect(readFileSync(inFolder("clusters.csv"), "utf8").trimEnd().split("\n")).toHaveLength(501);
  const again = await dedupe("again.csv", "--model", inFolder("model.json")).ended;
  expect(again.code).toBe(0);
  expect(readFileSync(inFolder("again.csv"), "utf8").trimEnd().split("\n")).toEqual(pairs);
});

test("link compares two files", async () => {
  const [left, right, out] = [inFolder("people.csv"), inFolder("people.csv"), inFolder("linked.csv")];
  const { code } = await start("link", "--left", left, "--right", right, "--map", inFolder("map.json"), "--out", out)
    .ended;
  expect(code).toBe(0);
  const rows = readFileSync(out, "utf8").trimEnd().split("\n").slice(1);
  // Everybody is found in a copy of the file who can be told apart at all.
  expect(rows.filter((row) => row.split(",")[0] === row.split(",")[1]).length).toBeGreaterThan(480);
});

test("bad rows are told by line and never by what they hold, and the command succeeds", async () => {
  const rows = ["rec_id,given_name,family_name,dob,postcode", "1,Markedvalue,Threlfall,1980-05-23", ",Markedvalue,,,"];
  writeFileSync(inFolder("bad.csv"), rows.join("\n"));
  const files = ["--in", inFolder("bad.csv"), "--map", inFolder("map.json"), "--out", inFolder("none.csv")];
  const { code, said, complained } = await start("dedupe", ...files).ended;
  expect(code).toBe(0);
  // A slow machine is told how far the command is, too.
  const told = complained.split("\n").filter((line) => !/ \d+ %$/.test(line));
  expect(told).toEqual(["bad.csv line 2: 4 cells, not 5; left out", "bad.csv line 3: no id; left out", ""]);
  expect(said).toMatch(/^0 records, 2 rows left out; /);
  expect(said + complained).not.toContain("Markedvalue");
});

test.each([
  ["a map that names a column the file lacks", { ...map, id: "nobody" }, 1, "MATCH_COLUMN_MISSING"],
  ["a map with an unknown key", { ...map, wrong: true }, 1, "MATCH_MAP_INVALID"],
  ["a map that is not there", undefined, 2, "CONFIG_INVALID"],
])("%s ends the command at once with a code", async (_what, content, exitCode, errorCode) => {
  if (content) writeFileSync(inFolder("wrong.json"), JSON.stringify(content));
  else rmSync(inFolder("wrong.json"), { force: true });
  const files = ["--in", inFolder("people.csv"), "--map", inFolder("wrong.json"), "--out", inFolder("never.csv")];
  const { code, complained } = await start("dedupe", ...files).ended;
  expect([code, complained.split(":")[0]]).toEqual([exitCode, errorCode]);
  expect(existsSync(inFolder("never.csv"))).toBe(false);
});

test("a threshold that is no probability is refused as a wrong call", async () => {
  const { code } = await dedupe("never.csv", "--threshold", "7").ended;
  expect(code).toBe(2);
});

test("a killed run leaves the file of the run before as it was", async () => {
  writeFileSync(inFolder("kept.csv"), "as before\n");
  await writePeople(inFolder("people.csv"), 20_000, 5);
  const { child, ended } = dedupe("kept.csv");
  // Rows are being read and nothing is compared yet, or nearly so: either way the file is not whole.
  const untilStarted = setInterval(() => {
    if (existsSync(inFolder(`kept.csv.part-${child.pid}`))) child.kill("SIGKILL");
  }, 5);
  const { code } = await ended;
  clearInterval(untilStarted);
  expect(code).toBeNull();
  expect(readFileSync(inFolder("kept.csv"), "utf8")).toBe("as before\n");
});
