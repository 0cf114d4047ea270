// The bounded log: keeps the newest lines, never grows past its limit, never throws.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { boundedLog } from "#kernel/bounded-log";

const left: string[] = [];
afterEach(() => {
  for (const path of left.splice(0)) rmSync(path, { recursive: true, force: true });
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "lockgate-log-"));
  left.push(path);
  return path;
}

test("keeps two files of at most 1 MiB however much is written, over a reopening too", () => {
  const path = directory();
  for (const round of [1, 2]) {
    const log = boundedLog(path, "server");
    for (let line = 0; line < 60; line++) log.append(Buffer.from(`${round}-${line} ${"x".repeat(50_000)}\n`));
    expect(log.tail().endsWith("x\n")).toBe(true);
    expect(log.tail().length).toBe(8192);
  }
  expect(readdirSync(path).sort()).toEqual(["server.1.log", "server.log"]);
  for (const name of readdirSync(path)) expect(statSync(join(path, name)).size).toBeLessThanOrEqual(1024 * 1024);
  expect(readFileSync(join(path, "server.log"), "utf8")).toContain("\n2-59 ");
});

test("keeps the tail when the files can no longer be written", () => {
  const path = directory();
  const log = boundedLog(path, "server");
  rmSync(path, { recursive: true });
  log.append(Buffer.from("last words\n"));
  expect(log.tail()).toBe("last words\n");
});
