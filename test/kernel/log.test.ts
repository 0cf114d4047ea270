// Logs hold codes and places, never what an error or a message says.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LockgateError } from "#kernel/errors";
import { openLog } from "#kernel/log";
import { until } from "../until.ts";

const MARKER = "MARKERVALUE";

async function linesFor(thrown: unknown): Promise<Record<string, unknown>[]> {
  const file = join(mkdtempSync(join(tmpdir(), "lockgate-log-")), "test.log");
  openLog("info", file).child({ part: "test" }).error("it failed", { journey: "j", error: thrown });
  await until(() => existsSync(file));
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("did not throw");
}

describe("lines", () => {
  const open = () => {
    const file = join(mkdtempSync(join(tmpdir(), "lockgate-log-")), "test.log");
    const written = () =>
      readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [(JSON.parse(line) as { msg: string }).msg]));
    return { log: openLog("info", file), written };
  };

  test("of one turn leave together after it, in order", async () => {
    const { log, written } = open();
    for (const text of ["one", "two", "three"]) log.info(text);
    expect(written()).toEqual([]);
    await until(() => written().length > 0);
    expect(written()).toEqual(["one", "two", "three"]);
  });

  test("leave at once with a warning, and none twice", async () => {
    const { log, written } = open();
    log.info("one");
    log.child({ part: "test" }).warn("two");
    expect(written()).toEqual(["one", "two"]);
    log.info("three");
    await until(() => written().length > 2);
    expect(written()).toEqual(["one", "two", "three"]);
  });

  test("leave before the process ends", () => {
    const file = join(mkdtempSync(join(tmpdir(), "lockgate-log-")), "test.log");
    const source = new URL("../../src/kernel/log.ts", import.meta.url);
    const script = `import { openLog } from ${JSON.stringify(source.href)}; openLog("info", ${JSON.stringify(file)}).info("last"); process.exit(0);`;
    spawnSync(process.execPath, ["--input-type=module", "-e", script]);
    expect(readFileSync(file, "utf8")).toContain('"msg":"last"');
  });
});

describe("a log line", () => {
  test.each([
    ["a JSON parser's complaint", thrownBy(() => JSON.parse(`{${MARKER}`))],
    [
      "a database's complaint",
      Object.assign(new Error(`Key (name)=(${MARKER}) already exists`), { code: "23505", detail: MARKER }),
    ],
    ["the cause of an error of ours", new LockgateError("INTERNAL", { cause: new Error(MARKER) })],
    ["a thrown text", MARKER],
    ["an error of several lines", new Error(`first\n    at ${MARKER}\nthird`)],
  ])("does not repeat %s", async (_, thrown) => {
    expect(JSON.stringify(await linesFor(thrown))).not.toContain(MARKER);
  });

  test("names code, place and reason of an error of ours, with the fields of its logger", async () => {
    const [line] = await linesFor(new LockgateError("ERP_REFUSED", { at: "addressLine1", reason: "DQ-LEN-001" }));
    expect(line).toMatchObject({
      level: "error",
      msg: "it failed",
      part: "test",
      journey: "j",
      error: { code: "ERP_REFUSED", at: "addressLine1", reason: "DQ-LEN-001" },
    });
  });

  test("names kind, code and frames of a foreign error", async () => {
    const [line] = await linesFor(Object.assign(new TypeError("x"), { code: "E1" }));
    expect(line).toMatchObject({ error: { kind: "TypeError", code: "E1" } });
    expect((line as { error: { frames: string[] } }).error.frames.length).toBeGreaterThan(0);
  });
});
