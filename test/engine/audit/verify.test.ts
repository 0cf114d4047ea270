// The verifier finds what a superuser did to the log, and says where.

import { generateKeyPairSync } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  directoryLog,
  exportTiles,
  type Fault,
  readCheckpointFile,
  type Verdict,
  verifierKeyText,
  verifyAudit,
} from "#engine/audit";
import { signerOf } from "../../../src/engine/audit/keys.ts";
import { signCheckpoint } from "../../../src/engine/audit/note.ts";
import { type AuditLog, auditLog } from "./audit-log.ts";

let log: AuditLog;

/** 600 leaves are two full tiles and 88 leaves of an open one, signed at 100, 300, 550 and 600; 7 more are pending. */
async function signedLog(): Promise<AuditLog> {
  const made = await auditLog();
  for (const count of [100, 200, 250, 50]) {
    await made.appendMany(count);
    await made.clock.advance(1000);
    await made.sequencer().runOnce();
  }
  await made.appendMany(7);
  return made;
}

const at = (index: number): string =>
  `position = (select position from audit.leaf order by position offset ${index} limit 1)`;
const flip = (index: number): string =>
  `update audit.leaf set body = overlay(body placing '!' from 5) where ${at(index)}`;
const deleteLeaf = (index: number): string => `delete from audit.leaf where ${at(index)}`;
const swap = (one: number, two: number): string => `update audit.leaf l set body = other.body from audit.leaf other
  where (l.${at(one)} and other.${at(two)}) or (l.${at(two)} and other.${at(one)})`;
const truncateTo = (count: number): string =>
  `delete from audit.leaf where position >= (select position from audit.leaf order by position offset ${count} limit 1)`;

describe("a log that nobody touched", () => {
  beforeAll(async () => {
    log = await signedLog();
  });
  afterAll(() => log.close());

  test("is intact, with its pending leaves counted", async () => {
    expect(await log.verify()).toEqual({
      intact: true,
      size: 600,
      pending: 7,
      checkpoints: 4,
      located: true,
      faults: [],
    });
  });

  test("is intact as exported files, without its pending leaves", async () => {
    const directory = join(log.dataDir, "export");
    expect(await exportTiles(log.db, directory)).toEqual({ size: 600, files: 8 });
    const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    expect(files.map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1)).sort()).toEqual([
      "checkpoint",
      "tile/0/000",
      "tile/0/001",
      "tile/0/002.p/88",
      "tile/1/000.p/2",
      "tile/entries/000",
      "tile/entries/001",
      "tile/entries/002.p/88",
    ]);
    const verifierKey = verifierKeyText(log.keys);
    expect(await verifyAudit({ ...(await directoryLog(directory)), verifierKey })).toMatchObject({
      intact: true,
      size: 600,
      pending: 0,
    });
  });

  test("is not intact under another key", async () => {
    const other = verifierKeyText(signerOf("test", generateKeyPairSync("ed25519").privateKey));
    expect(await log.verify([], other)).toMatchObject({
      intact: false,
      size: 0,
      faults: [{ kind: "bad-signature", size: 600 }],
    });
    expect(await log.verify([], "no key")).toMatchObject({ intact: false, faults: [{ kind: "bad-signature" }] });
  });

  test("is forked where a checkpoint elsewhere is of another tree", async () => {
    const root = Buffer.alloc(32, 1);
    const elsewhere = [450, 603].map((size) => signCheckpoint({ size, root }, log.keys));
    expect((await log.verify(elsewhere)).faults).toEqual([
      { kind: "forked", fromIndex: 300, toIndex: 450, size: 450 },
      { kind: "forked", fromIndex: 600, toIndex: 603, size: 603 },
    ]);
  });
});

test("a log that nothing was signed for is intact at size 0, and not if a checkpoint of it is known", async () => {
  log = await auditLog();
  await log.appendMany(3);
  expect(await log.verify([])).toMatchObject({ intact: true, size: 0, pending: 3 });
  const known = signCheckpoint({ size: 5, root: Buffer.alloc(32) }, log.keys);
  expect(await log.verify([known])).toMatchObject({
    intact: false,
    faults: [{ kind: "truncated", fromIndex: 3, toIndex: 5 }],
  });
  await log.close();
});

describe("a log that was tampered with", () => {
  let restore: () => Promise<void>;
  beforeAll(async () => {
    log = await signedLog();
    restore = await log.keep();
  });
  afterEach(() => restore());
  afterAll(() => log.close());

  const faultsAfter = async (...statements: string[]): Promise<Verdict> => {
    for (const text of statements) await log.tamper(text);
    const verdict = await log.verify();
    expect(verdict.intact).toBe(false);
    return verdict;
  };

  test.each<[string, string[], Partial<Fault>[], boolean]>([
    ["a byte of one row is flipped", [flip(17)], [{ kind: "altered", fromIndex: 17, toIndex: 18 }], true],
    [
      "bytes of rows in two tiles are flipped",
      [flip(17), flip(18), flip(400)],
      [
        { kind: "altered", fromIndex: 17, toIndex: 19 },
        { kind: "altered", fromIndex: 400 },
      ],
      true,
    ],
    ["a row is deleted", [deleteLeaf(255)], [{ kind: "missing", fromIndex: 255, toIndex: 256 }], true],
    [
      "rows are deleted across a tile's end",
      [
        `delete from audit.leaf where position in (select position from audit.leaf order by position offset 250 limit 20)`,
      ],
      [
        { kind: "missing", fromIndex: 250, toIndex: 256 },
        { kind: "missing", fromIndex: 256, toIndex: 270 },
      ],
      true,
    ],
    [
      "two rows swap their bodies",
      [swap(3, 30)],
      [
        { kind: "reordered", fromIndex: 3, toIndex: 4 },
        { kind: "reordered", fromIndex: 30, toIndex: 31 },
      ],
      true,
    ],
    [
      "a tile is altered",
      ["update audit.tile set hashes = overlay(hashes placing sha256('x') from 65) where tile_index = 1"],
      [{ kind: "tile-altered", tile: { level: 0, index: 1 } }],
      true,
    ],
    [
      "a tile's root is altered",
      ["update audit.tile set root = sha256('x') where tile_index = 1"],
      [{ kind: "tile-altered", tile: { level: 0, index: 1 } }],
      true,
    ],
    [
      "a tile's positions are altered",
      ["update audit.tile set last_position = last_position - 1 where tile_index = 1"],
      [{ kind: "tile-altered", tile: { level: 0, index: 1 } }],
      true,
    ],
    [
      "a tile's first position is altered",
      ["update audit.tile set first_position = first_position + 1 where tile_index = 1"],
      [{ kind: "tile-altered", tile: { level: 0, index: 1 } }],
      true,
    ],
    [
      "a checkpoint's position is altered",
      ["update audit.checkpoint set last_position = last_position + 1 where size = 300"],
      [{ kind: "checkpoint-altered", size: 300 }],
      true,
    ],
    [
      "a tile is deleted",
      ["delete from audit.tile where tile_index = 0"],
      [{ kind: "tile-missing", tile: { level: 0, index: 0 } }],
      true,
    ],
    [
      "a row of the open tile is altered",
      [flip(520)],
      [{ kind: "altered", fromIndex: 300, toIndex: 550, size: 550 }],
      false,
    ],
    [
      "a row of the open tile is altered after an earlier checkpoint",
      [flip(560)],
      [{ kind: "altered", fromIndex: 550, toIndex: 600, size: 600 }],
      false,
    ],
    [
      "a row of the open tile is deleted",
      [deleteLeaf(560)],
      [{ kind: "missing", fromIndex: 550, toIndex: 600 }],
      false,
    ],
    [
      "the tail is truncated within the open tile",
      [truncateTo(570)],
      [{ kind: "truncated", fromIndex: 570, toIndex: 600 }],
      false,
    ],
    [
      "the tail is truncated within a full tile",
      [truncateTo(400)],
      [{ kind: "truncated", fromIndex: 400, toIndex: 600 }],
      false,
    ],
    [
      "the tail is truncated at a tile's end",
      [truncateTo(256)],
      [{ kind: "truncated", fromIndex: 256, toIndex: 600 }],
      false,
    ],
    ["every row is deleted", ["delete from audit.leaf"], [{ kind: "truncated", fromIndex: 0, toIndex: 600 }], false],
    [
      "the tail is truncated together with newer tiles and checkpoints",
      [truncateTo(300), "delete from audit.checkpoint where size > 300", "delete from audit.tile where tile_index > 0"],
      [{ kind: "truncated", fromIndex: 300, toIndex: 600 }],
      false,
    ],
    [
      "an earlier checkpoint is altered",
      ["update audit.checkpoint set note = replace(note, 'lockgate/test', 'lockgate/text') where size = 300"],
      [{ kind: "bad-signature", size: 300 }],
      true,
    ],
    [
      "the latest checkpoint is altered",
      ["update audit.checkpoint set note = overlay(note placing '7' from 15) where size = 600"],
      [{ kind: "bad-signature", size: 600 }],
      true,
    ],
    [
      "a checkpoint is filed under another size",
      ["update audit.checkpoint set size = 301 where size = 300"],
      [{ kind: "checkpoint-altered", size: 301 }],
      true,
    ],
    [
      "a leaf is filed under another journey",
      [`update audit.leaf set journey_id = gen_random_uuid() where ${at(9)}`],
      [{ kind: "misfiled" }],
      true,
    ],
  ])("is found out when %s", async (_, statements, faults, located) => {
    const verdict = await faultsAfter(...statements);
    expect(verdict.faults).toMatchObject(faults);
    expect(verdict.faults).toHaveLength(faults.length);
    expect(verdict.located).toBe(located);
  });

  test.each([10, 100, 255, 256, 511, 599])(
    "is found out when the byte at every part of row %i is flipped",
    async (index) => {
      const { length } = (await log.tamper(`select body from audit.leaf where ${at(index)}`))[0]!.body as string;
      for (const place of [1, Math.floor(length / 2), length]) {
        await log.tamper(
          `update audit.leaf set body = overlay(body placing chr(ascii(substr(body, ${place})) # 1) from ${place}) where ${at(index)}`,
        );
        expect((await log.verify()).intact).toBe(false);
        await log.tamper(
          `update audit.leaf set body = overlay(body placing chr(ascii(substr(body, ${place})) # 1) from ${place}) where ${at(index)}`,
        );
      }
      expect((await log.verify()).intact).toBe(true);
    },
  );

  test.each([
    [5, true],
    [300, true],
    [560, false],
  ])("is found out when a row is put in before row %i", async (index, located) => {
    await log.tamper("update audit.leaf set position = -2 * position");
    await log.tamper("update audit.leaf set position = -position");
    await log.tamper("update audit.tile set first_position = 2 * first_position, last_position = 2 * last_position");
    await log.tamper("update audit.checkpoint set last_position = 2 * last_position");
    expect((await log.verify()).intact).toBe(true);
    const [row] = await log.tamper(
      `insert into audit.leaf (position, body) select position - 1, '{}' from audit.leaf where ${at(index)} returning position`,
    );
    const verdict = await log.verify();
    expect(verdict).toMatchObject({ intact: false, located });
    expect(verdict.faults).toMatchObject([
      located
        ? { kind: "extra", fromIndex: index, toIndex: index, fromPosition: row!.position, toPosition: row!.position }
        : { kind: "extra", fromIndex: 550, toIndex: 600 },
    ]);
  });

  test("is found out when its whole history was written anew and signed with the same key, by a checkpoint kept elsewhere", async () => {
    const kept = (await readCheckpointFile(log.checkpointFile))!;
    await log.tamper(flip(17));
    await log.tamper("truncate audit.tile, audit.checkpoint");
    await rm(log.checkpointFile);
    await log.clock.advance(1000);
    await log.sequencer().runOnce();
    expect(await log.verify()).toMatchObject({ intact: true, size: 607 });
    expect(await log.verify([kept])).toMatchObject({
      intact: false,
      faults: [{ kind: "forked", fromIndex: 0, toIndex: 600, size: 600 }],
    });
  });

  test("is found out as exported files when one byte of any of them is flipped", async () => {
    const directory = join(log.dataDir, "export");
    await mkdir(directory);
    await exportTiles(log.db, directory);
    const verifierKey = verifierKeyText(log.keys);
    for (const name of ["checkpoint", "tile/0/001", "tile/entries/000", "tile/entries/002.p/88"]) {
      const whole = await readFile(join(directory, name));
      const bytes = Buffer.from(whole);
      bytes[40]! ^= 1;
      await writeFile(join(directory, name), bytes);
      expect((await verifyAudit({ ...(await directoryLog(directory)), verifierKey })).intact).toBe(false);
      await writeFile(join(directory, name), whole);
    }
  });
});

test("a log of more than 65,536 leaves is intact, and a change in one leaf or in an upper tile is found", async () => {
  log = await auditLog();
  await log.tamper("insert into audit.leaf (body) select '{\"n\":' || n || '}' from generate_series(1, 66000) n");
  await log.sequencer().runOnce();
  expect(await log.verify()).toMatchObject({ intact: true, size: 66_000 });
  await log.tamper("update audit.tile set hashes = overlay(hashes placing sha256('x') from 65) where level = 1");
  expect((await log.verify()).faults).toEqual([{ kind: "tile-altered", tile: { level: 1, index: 0 } }]);
  await log.tamper("update audit.leaf set body = '{\"n\":0}' where body = '{\"n\":40000}'");
  const verdict = await log.verify();
  expect(verdict.faults).toMatchObject([
    { kind: "altered", fromIndex: 39_999, toIndex: 40_000 },
    { kind: "tile-altered" },
  ]);
  expect(verdict.located).toBe(true);
  await log.close();
});

test("the verifier shares no code with the writer, nor with anything else of the platform", async () => {
  const folder = "src/engine/audit/verify";
  const files = await readdir(folder);
  const imports = await Promise.all(
    files.map(async (file) =>
      [...(await readFile(join(folder, file), "utf8")).matchAll(/from "([^"]+)"/g)].map(([, target]) => target!),
    ),
  );
  const outside = imports
    .flat()
    .filter((target) => !/^(\.\/[a-z-]+\.ts|node:(crypto|fs\/promises|path))$/.test(target));
  expect(files.length).toBeGreaterThan(8);
  expect(imports.flat().length).toBeGreaterThan(12);
  expect(outside).toEqual([]);
});
