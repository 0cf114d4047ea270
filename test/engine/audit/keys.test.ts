// The log's keys on disk.

import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAuditKeys, verifierKeyText } from "#engine/audit";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "lockgate-keys-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const unusable = expect.objectContaining({ code: "START_DATA_UNUSABLE" });

test("the first start makes the keys, readable by their owner alone, and later starts read them", async () => {
  const made = await openAuditKeys(dataDir, "north");
  const read = await openAuditKeys(dataDir, "north");
  expect((await stat(join(dataDir, "audit/signing.key"))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(dataDir, "audit/verifier.key"), "utf8")).toBe(`${verifierKeyText(made)}\n`);
  expect(verifierKeyText(made)).toMatch(/^lockgate\/north\+[0-9a-f]{8}\+/);
  expect(verifierKeyText(read)).toBe(verifierKeyText(made));
});

test("starts at the same moment end with one key pair", async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => openAuditKeys(dataDir, "north")));
  expect(new Set(all.map(verifierKeyText)).size).toBe(1);
});

test.each(["North", "a b", "a+b", "", "-a"])("a site name that cannot be a key name is refused (%#)", async (site) => {
  await expect(openAuditKeys(dataDir, site)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

test("a damaged signing key, or the keys of another site, stop the start", async () => {
  await openAuditKeys(dataDir, "north");
  await expect(openAuditKeys(dataDir, "south")).rejects.toEqual(unusable);
  await writeFile(join(dataDir, "audit/signing.key"), "damaged");
  await expect(openAuditKeys(dataDir, "north")).rejects.toEqual(unusable);
});
