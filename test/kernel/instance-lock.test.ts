// The lock on a data directory: one owner, no stale owner, no two winners.

import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { lockInstance } from "#kernel/instance-lock";
import { openDataDirectory, openRunDirectory } from "#kernel/run-directory";

const left: (() => void)[] = [];
afterEach(() => {
  for (const undo of left.splice(0).reverse()) undo();
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "lockgate-lock-"));
  left.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

type Starter = { child: ChildProcess; next: () => Promise<{ at: string; code?: string }> };

function starter(dataDir: string, what: "lock" | "race"): Starter {
  const child = spawn(process.execPath, [join(import.meta.dirname, "child-lockgate.ts"), dataDir, what], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  left.push(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return { child, next: async () => JSON.parse((await lines.next()).value ?? '{"at":"ended"}') };
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}

describe("lockInstance", () => {
  test("refuses a second owner and lets one in after the release", async () => {
    const dataDir = join(directory(), "not", "there", "yet");
    const first = await lockInstance(dataDir);
    await expect(lockInstance(dataDir)).rejects.toMatchObject({ code: "START_DATA_IN_USE" });
    await first.release();
    const second = await lockInstance(dataDir);
    await second.release();
    expect(readdirSync(join(dataDir, "run"))).toEqual([]);
  });

  test("refuses a second owner that comes by another name of the same directory", async () => {
    const home = directory();
    const lock = await lockInstance(join(home, "data"));
    symlinkSync(join(home, "data"), join(home, "alias"));
    await expect(lockInstance(join(home, "alias"))).rejects.toMatchObject({ code: "START_DATA_IN_USE" });
    await lock.release();
  });

  test("takes over from a process that was killed", async () => {
    const dataDir = directory();
    const other = starter(dataDir, "lock");
    expect(await other.next()).toMatchObject({ at: "locked" });
    await expect(lockInstance(dataDir)).rejects.toMatchObject({ code: "START_DATA_IN_USE" });
    await killed(other.child);
    await (await lockInstance(dataDir)).release();
  });

  test.each([
    ["a fresh directory", false],
    ["a directory whose owner was killed", true],
  ])("lets exactly one of 6 processes win on %s", async (_, stale) => {
    const dataDir = directory();
    if (stale) {
      const dead = starter(dataDir, "lock");
      await dead.next();
      await killed(dead.child);
    }
    const starters = Array.from({ length: 6 }, () => starter(dataDir, "race"));
    for (const each of starters) expect(await each.next()).toMatchObject({ at: "gate" });
    for (const each of starters) each.child.stdin!.end();
    const outcomes = await Promise.all(starters.map((each) => each.next()));
    expect(outcomes.map((outcome) => outcome.code ?? outcome.at).sort()).toEqual([
      ...Array(5).fill("START_DATA_IN_USE"),
      "locked",
    ]);
  });

  test("lets exactly one of many starters win over and over where a stale lock and a stale takeover lie", async () => {
    for (let round = 0; round < 20; round++) {
      const dataDir = directory();
      const dead = starterLeftovers(dataDir);
      const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => lockInstance(dataDir)));
      const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect([round, won.length, dead]).toEqual([round, 1, 2]);
      await won[0]!.value.release();
    }
  });

  test("locks a directory whose path is too long for a socket", async () => {
    const dataDir = join(directory(), "d".repeat(60), "e".repeat(60));
    const lock = await lockInstance(dataDir);
    left.push(() => rmSync(openRunDirectory(openDataDirectory(dataDir)), { recursive: true, force: true }));
    await expect(lockInstance(dataDir)).rejects.toMatchObject({ code: "START_DATA_IN_USE" });
    await lock.release();
  });

  test("refuses a path that is a file", async () => {
    const path = join(directory(), "file");
    writeFileSync(path, "");
    await expect(lockInstance(path)).rejects.toMatchObject({ code: "START_DATA_UNUSABLE" });
  });

  test("refuses a socket directory that others can enter", async () => {
    const dataDir = directory();
    mkdirSync(join(dataDir, "run"));
    chmodSync(join(dataDir, "run"), 0o755);
    await expect(lockInstance(dataDir)).rejects.toMatchObject({ code: "START_DATA_UNUSABLE" });
  });
});

/** Files where the sockets of two dead processes would be: connecting to either is refused. */
function starterLeftovers(dataDir: string): number {
  mkdirSync(join(dataDir, "run"), { mode: 0o700 });
  const names = ["instance.sock", "instance.sock.t"];
  for (const name of names) writeFileSync(join(dataDir, "run", name), "");
  return names.length;
}
