// Strict configuration and its one-line complaints.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { loadConfig } from "#kernel/config";

const schema = z.strictObject({
  name: z.string().default("demo"),
  port: z.int().min(1).default(7),
  inner: z.strictObject({ limitMs: z.int().default(5) }).prefault({}),
});
const settings = [
  { variable: "LOCKGATE_PORT", path: ["port"], isNumber: true },
  { variable: "LOCKGATE_LIMIT", path: ["inner", "limitMs"], isNumber: true },
] as const;

const fileOf = (text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), "lockgate-config-")), "lockgate.yaml");
  writeFileSync(file, text);
  return file;
};
const load = (yaml: string | undefined, environment: Record<string, string> = {}) =>
  loadConfig(schema, {
    file: yaml === undefined ? undefined : fileOf(yaml),
    environment,
    settings,
    known: ["LOCKGATE_KNOWN"],
  });

describe("configuration", () => {
  test("takes defaults, then the file, then the environment", () => {
    expect(load(undefined)).toEqual({ name: "demo", port: 7, inner: { limitMs: 5 } });
    expect(load("port: 8\ninner: { limitMs: 6 }", { LOCKGATE_LIMIT: "9" })).toEqual({
      name: "demo",
      port: 8,
      inner: { limitMs: 9 },
    });
    expect(load("", { LOCKGATE_KNOWN: "x", PATH: "y" })).toEqual({ name: "demo", port: 7, inner: { limitMs: 5 } });
  });

  test.each([
    ["an unknown setting", "prot: 8", {}, "prot, unknown setting"],
    ["an unknown nested setting", "inner: { limit: 8 }", {}, "inner.limit, unknown setting"],
    ["a value of the wrong kind", "port: seven", {}, "port"],
    ["a value out of bounds", "port: 0", {}, "port"],
    ["a number that is none", undefined, { LOCKGATE_PORT: "seven" }, "port"],
    ["a misspelt variable", undefined, { LOCKGATE_PROT: "1" }, "LOCKGATE_PROT, unknown variable"],
    ["a file that is not YAML", "a: [", {}, "not YAML"],
  ])("names the setting for %s", (_, yaml, environment, where) => {
    expect(() => load(yaml, environment as Record<string, string>)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(where) }),
    );
  });

  test("names a file that cannot be read", () => {
    expect(() => loadConfig(schema, { file: "/nonexistent.yaml", environment: {}, settings, known: [] })).toThrow(
      "/nonexistent.yaml, cannot be read",
    );
  });
});
