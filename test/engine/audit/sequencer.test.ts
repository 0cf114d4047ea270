// Leaves into the tree: order, tiles, checkpoints, recovery, and the refusal to sign what does not fit.

import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  append,
  consistencyProof,
  inclusionProof,
  journeyLeaves,
  latestCheckpoint,
  verifierKeyText,
  verifyProof,
} from "#engine/audit";
import { openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { leafHash, rootOf, verifyConsistency } from "../../../src/engine/audit/merkle.ts";
import { openCheckpoint, signCheckpoint } from "../../../src/engine/audit/note.ts";
import { until } from "../../until.ts";
import { type AuditLog, auditLog, leaf } from "./audit-log.ts";

let log: AuditLog;
beforeAll(async () => {
  log = await auditLog();
});
beforeEach(async () => {
  await log.clear();
  await log.clock.advance(1000);
});
afterAll(() => log.close());

const tampered = expect.objectContaining({ code: "AUDIT_TAMPERED" });

/** The root over all leaves by position, straight from the rows. */
async function rootOfRows(upTo = Number.MAX_SAFE_INTEGER): Promise<Buffer> {
  const rows = await log.db.query<{ body: string }>({
    text: "select body from audit.leaf order by position limit $1",
    values: [upTo],
  });
  return rootOf(rows.map((row) => leafHash(row.body)));
}

async function latest() {
  const checkpoint = await latestCheckpoint(log.db);
  return { ...checkpoint!, ...openCheckpoint(checkpoint!.note, log.keys) };
}

describe("appending", () => {
  test("a journey's leaves come back whole and in order, apart from others'", async () => {
    const [mine, other] = [newId(), newId()];
    const full = {
      ...leaf(1, mine),
      outcome: "failed",
      code: "ERP_REFUSED",
      actor: "user-7",
      attempt: 2,
      commitments: { nhsNumber: "c" },
    };
    await log.db.transaction((tx) => append(tx, [full, leaf(2, other), leaf(3), leaf(4, mine)]));
    const found = await journeyLeaves(log.db, mine);
    expect(found.map(({ position: _position, ...rest }) => rest)).toEqual([full, leaf(4, mine)]);
    expect(found[0]!.position).toBeLessThan(found[1]!.position);
  });

  test("text of any kind comes back as it went in", async () => {
    const journeyId = newId();
    const odd = {
      ...leaf(1, journeyId),
      detail: { a: 'new\nline, tab\t "quote" \\ comma', b: "\u0000\u{1f600}", c: "" },
    };
    await log.db.transaction((tx) => append(tx, [odd, leaf(2)]));
    expect(await journeyLeaves(log.db, journeyId)).toEqual([{ ...odd, position: expect.any(Number) }]);
  });

  test("a leaf goes with its transaction: rolled back, it was never there", async () => {
    const work = log.db.transaction(async (tx) => {
      await append(tx, [leaf(1)]);
      throw new Error("undone");
    });
    await expect(work).rejects.toThrow("undone");
    await log.appendMany(3);
    expect(await log.sequencer().runOnce()).toEqual({ size: 3, signedSize: 3 });
  });

  test("appending no leaf is no statement, and a leaf too large for a bundle is refused", async () => {
    await log.db.transaction((tx) => append(tx, []));
    const large = { ...leaf(1), detail: { text: "x".repeat(66_000) } };
    await expect(log.db.transaction((tx) => append(tx, [large]))).rejects.toMatchObject({ code: "AUDIT_BAD_LEAF" });
  });

  test.each(["leaf", "tile", "checkpoint"])(
    "neither the platform nor an auditor may change audit.%s, and an auditor may not add to it",
    async (table) => {
      const column = { leaf: "body", tile: "hashes", checkpoint: "note" }[table];
      const changes = [
        `delete from audit.${table}`,
        `truncate audit.${table}`,
        `update audit.${table} set ${column} = ${column}`,
      ];
      for (const text of changes) await expect(log.db.query(text)).rejects.toMatchObject({ code: "42501" });
      for (const text of [...changes, `insert into audit.${table} select * from audit.${table}`]) {
        await expect(log.auditor.query(text)).rejects.toMatchObject({ code: "42501" });
      }
    },
  );

  test("a leaf is not taken while one with a lower position may still come", async () => {
    const slow = openDatabase({ ...log.superuserAddress }, 1);
    const sequencer = log.sequencer();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let appended = (): void => undefined;
    const inFlight = new Promise<void>((resolve) => {
      appended = resolve;
    });
    const transaction = slow.transaction(async (tx) => {
      await append(tx, [leaf(1)]);
      appended();
      await held;
    });
    await inFlight;
    await log.appendMany(5);
    expect((await sequencer.runOnce()).size).toBe(0);
    release();
    await transaction;
    expect((await sequencer.runOnce()).size).toBe(6);
    expect((await latest()).root).toEqual(await rootOfRows());
    await slow.close();
  });

  test("checkpoints keep their distance, and none is signed where nothing is new", async () => {
    const sequencer = log.sequencer();
    await log.appendMany(10);
    await sequencer.runOnce();
    await log.appendMany(10);
    await log.clock.advance(999);
    expect(await sequencer.runOnce()).toEqual({ size: 20, signedSize: 10 });
    await log.clock.advance(1);
    expect(await sequencer.runOnce()).toEqual({ size: 20, signedSize: 20 });
    await log.clock.advance(5000);
    await sequencer.runOnce();
    expect(await log.db.query("select size from audit.checkpoint order by size")).toEqual([{ size: 10 }, { size: 20 }]);
  });

  test("a sequencer that starts anew goes on where the last one stopped", async () => {
    for (const count of [200, 100, 500, 1, 300]) {
      await log.appendMany(count);
      await log.clock.advance(1000);
      await log.sequencer().runOnce();
      expect((await latest()).root).toEqual(await rootOfRows());
    }
    expect((await latest()).size).toBe(1101);
  });

  test("two sequencers at once write one tree", async () => {
    const both = [log.sequencer(100), log.sequencer(333)];
    for (let round = 0; round < 5; round++) {
      await log.clock.advance(1000);
      await Promise.all([log.appendMany(400), ...both.map((sequencer) => sequencer.runOnce())]);
    }
    await log.clock.advance(1000);
    const ends = await Promise.all(both.map((sequencer) => sequencer.runOnce()));
    expect(ends.map((end) => end.size)).toEqual([2000, 2000]);
    expect((await latest()).root).toEqual(await rootOfRows());
    expect(await log.verify()).toMatchObject({ intact: true, size: 2000 });
  });

  test("it runs until it is told to stop", async () => {
    const stop = new AbortController();
    const running = log.sequencer().run(stop.signal);
    await log.appendMany(3);
    await until(async () => {
      await log.clock.advance(1000);
      return (await latestCheckpoint(log.db))?.size === 3;
    });
    stop.abort();
    await running;
  });
});

describe("refusing to sign", () => {
  const signedLog = async (count: number) => {
    await log.appendMany(count);
    await log.sequencer().runOnce();
    await log.appendMany(10);
    await log.clock.advance(1000);
  };
  const refused = async (error: unknown) => {
    await expect(log.sequencer().runOnce()).rejects.toEqual(error);
    expect((await log.db.query("select size from audit.checkpoint")).length).toBeLessThanOrEqual(1);
  };

  test.each([
    [
      "a leaf of the open tile was altered",
      "update audit.leaf set body = replace(body, '\"number\":599', '\"number\":598')",
    ],
    [
      "a leaf of the open tile was deleted",
      "delete from audit.leaf where position = (select max(last_position) from audit.checkpoint)",
    ],
    ["a tile's root was altered", "update audit.tile set root = sha256('x') where tile_index = 1"],
    ["a tile was deleted", "delete from audit.tile where tile_index = 1"],
    ["the checkpoint's size was altered", "update audit.checkpoint set size = 599"],
    ["the newest checkpoint was deleted", "delete from audit.checkpoint"],
  ])("nothing is signed when %s", async (_, text) => {
    await signedLog(600);
    await log.tamper(text);
    await refused(tampered);
  });

  test("nothing is signed over a checkpoint that this log's key did not sign", async () => {
    await signedLog(5);
    await log.tamper("update audit.checkpoint set note = replace(note, 'lockgate/test', 'lockgate/text')");
    await refused(expect.objectContaining({ code: "AUDIT_BAD_CHECKPOINT" }));
  });

  test("nothing is signed when the checkpoint on file is of another tree", async () => {
    await signedLog(600);
    const note = await readFile(log.checkpointFile, "utf8");
    await writeFile(log.checkpointFile, signCheckpoint({ size: 500, root: leafHash("another tree") }, log.keys));
    await refused(tampered);
    await writeFile(log.checkpointFile, signCheckpoint({ size: 500, root: await rootOfRows(500) }, log.keys));
    await log.sequencer().runOnce();
    expect(await readFile(log.checkpointFile, "utf8")).not.toBe(note);
  });

  test("a tile that is there already with other hashes stops the sequencer", async () => {
    await log.appendMany(200);
    const sequencer = log.sequencer();
    await sequencer.runOnce();
    await log.tamper("insert into audit.tile values (0, 0, 1, 2, sha256('x'), decode(repeat('00', 8192), 'hex'))");
    await log.appendMany(100);
    await expect(sequencer.runOnce()).rejects.toEqual(tampered);
  });

  test("a lost checkpoint file is written again", async () => {
    await signedLog(5);
    await rm(log.checkpointFile);
    await log.sequencer().runOnce();
    expect(await readFile(log.checkpointFile, "utf8")).toBe((await latest()).note);
  });
});

describe("proofs from the stored tree", () => {
  test.each([1, 2, 255, 256, 257, 700])("in a log of %i every proof asked for holds", async (size) => {
    await log.appendMany(size);
    await log.sequencer().runOnce();
    const verifierKey = verifierKeyText(log.keys);
    const indices = [...new Set([0, 1, Math.floor(size / 2), 254, 255, 256, size - 1])].filter((index) => index < size);
    for (const index of indices) {
      const { text, body, ...proof } = await inclusionProof(log.db, await log.positionAt(index));
      expect(proof).toMatchObject({ index, size });
      expect(verifyProof({ text, body, verifierKey })).toEqual({ index, size });
      expect(verifyProof({ text, body: `${body} `, verifierKey })).toBeUndefined();
      expect(
        verifyProof({ text: text.replace(`index ${index}`, `index ${index + 1}`), body, verifierKey }),
      ).toBeUndefined();
      const { hashes } = await consistencyProof(log.db, index + 1, size);
      expect(verifyConsistency(index + 1, size, await rootOfRows(index + 1), await rootOfRows(), hashes)).toBe(true);
    }
  });

  test("leaves without a checkpoint, leaves that are not there and trees that are not there are told apart", async () => {
    await expect(inclusionProof(log.db, 1)).rejects.toMatchObject({ code: "AUDIT_UNKNOWN_ENTRY" });
    await log.appendMany(3);
    const position = await log.positionAt(2);
    await expect(inclusionProof(log.db, position)).rejects.toMatchObject({ code: "AUDIT_NOT_SEQUENCED" });
    await expect(consistencyProof(log.db, 1, 3)).rejects.toMatchObject({ code: "AUDIT_NOT_SEQUENCED" });
    await log.sequencer().runOnce();
    expect((await inclusionProof(log.db, position)).index).toBe(2);
    await expect(consistencyProof(log.db, 2, 1)).rejects.toMatchObject({ code: "AUDIT_UNKNOWN_ENTRY" });
    await expect(consistencyProof(log.db, 0, 1)).rejects.toMatchObject({ code: "AUDIT_UNKNOWN_ENTRY" });
  });

  test("no proof is given out that does not hold", async () => {
    await log.appendMany(300);
    await log.sequencer().runOnce();
    await log.tamper("update audit.tile set hashes = overlay(hashes placing sha256('x') from 33)");
    await expect(inclusionProof(log.db, await log.positionAt(0))).rejects.toEqual(tampered);
  });
});
