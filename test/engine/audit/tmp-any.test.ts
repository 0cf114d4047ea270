// Whatever is done to a log of whatever size, the verifier finds it: logs in memory, changes at random.

import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AuditInput, verifierKeyText, verifyAudit } from "#engine/audit";
import { openFrontier } from "../../../src/engine/audit/frontier.ts";
import { signerOf } from "../../../src/engine/audit/keys.ts";
import { leafHash } from "../../../src/engine/audit/merkle.ts";
import { signCheckpoint } from "../../../src/engine/audit/note.ts";
import type { Tile } from "../../../src/engine/audit/types.ts";

type Row = { position: number; body: string };

const signer = signerOf("test", generateKeyPairSync("ed25519").privateKey);

/** A log of `size` leaves at even positions, with a checkpoint at `earlier` and at the end. */
function makeLog(size: number, earlier: number) {
  const frontier = openFrontier();
  const rows: Row[] = [];
  const tiles = new Map<string, Tile>();
  const notes = new Map<number, string>();
  for (let i = 1; i <= size; i++) {
    const row = { position: 2 * i, body: `{"number":${i}}` };
    rows.push(row);
    for (const tile of frontier.add(leafHash(row.body), row.position)) tiles.set(`${tile.level}/${tile.index}`, tile);
    if (i === earlier || i === size) notes.set(i, signCheckpoint({ size: i, root: frontier.root() }, signer));
  }
  const checkpoint = { note: notes.get(size)!, size, lastPosition: 2 * size };
  const verify = (changed: readonly Row[], tile = (level: number, index: number) => tiles.get(`${level}/${index}`)) =>
    verifyAudit({
      rows: stream(changed),
      tile: async (level, index) => tile(level, index),
      checkpoint,
      checkpoints: stream([{ note: notes.get(earlier)!, size: earlier, lastPosition: 2 * earlier }]),
      verifierKey: verifierKeyText(signer),
    } satisfies AuditInput);
  return { rows, tiles, verify };
}

async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

const logs = fc.integer({ min: 2, max: 800 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    earlier: fc.integer({ min: 1, max: size }),
    index: fc.nat(size - 1),
    other: fc.nat(size - 1),
  }),
);

const changes: Record<string, (rows: Row[], index: number, other: number) => Row[]> = {
  altered: (rows, index) => rows.with(index, { ...rows[index]!, body: `${rows[index]!.body} ` }),
  missing: (rows, index) => rows.toSpliced(index, 1),
  extra: (rows, index) => rows.toSpliced(index, 0, { position: rows[index]!.position - 1, body: "{}" }),
  reordered: (rows, index, other) =>
    rows
      .with(index, { ...rows[index]!, body: rows[other]!.body })
      .with(other, { ...rows[other]!, body: rows[index]!.body }),
};

test("an untouched log of any size is intact, and leaves after its checkpoint are pending", async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.nat(300), async ({ size, earlier }, more) => {
      const log = makeLog(size, earlier);
      const later = Array.from({ length: more }, (_, i) => ({ position: 2 * (size + 1 + i), body: "{}" }));
      expect(await log.verify([...log.rows, ...later])).toMatchObject({
        intact: true,
        size,
        pending: more,
        faults: [],
      });
    }),
    { numRuns: 250 },
  );
});

test.each(Object.keys(changes))(
  "one leaf %s anywhere in a log of any size is found, and in a full tile it is located",
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(logs, async ({ size, earlier, index, other }) => {
        fc.pre(kind !== "reordered" || index !== other);
        fc.pre(kind !== "missing" || index < size - 1); // the last one missing is a log cut off
        const log = makeLog(size, earlier);
        const { intact, located, faults } = await log.verify(changes[kind]!(log.rows, index, other));
        const full = size - (size % 256);
        const first = kind === "reordered" ? Math.min(index, other) : index;
        expect(intact).toBe(false);
        // Two leaves that change places between tiles are, to each tile, altered.
        const kinds = kind === "reordered" ? ["reordered", "altered"] : [kind];
        if (Math.max(index, kind === "reordered" ? other : 0) < full) {
          expect(located).toBe(true);
          expect(kinds).toContain(faults[0]!.kind);
          expect(faults[0]!.fromIndex).toBe(first);
        } else if (first >= full && !located) {
          expect(faults[0]!.fromIndex).toBeLessThanOrEqual(first);
          expect(faults[0]!.toIndex).toBeGreaterThan(first);
        }
      }),
      { numRuns: 250 },
    );
  },
);

test("a log cut off anywhere is found truncated there", async () => {
  await fc.assert(
    fc.asyncProperty(logs, async ({ size, earlier, index }) => {
      const log = makeLog(size, earlier);
      const { intact, faults } = await log.verify(log.rows.slice(0, index));
      expect(intact).toBe(false);
      expect(faults).toMatchObject([{ kind: "truncated", fromIndex: index, toIndex: size }]);
    }),
    { numRuns: 250 },
  );
});

test("a bit flipped anywhere in a tile, or a tile cut short, is found at that tile and never blamed on the leaves", async () => {
  const places = fc.record({ tile: fc.nat(2), bit: fc.nat(8 * 8192 - 1), cut: fc.boolean() });
  const log = makeLog(1000, 500);
  await fc.assert(
    fc.asyncProperty(places, async ({ tile, bit, cut }) => {
      const parent = {
        ...log.tiles.get("0/0")!,
        hashes: Buffer.concat([0, 1, 2].map((index) => log.tiles.get(`0/${index}`)!.root)),
      };
      const hashes = Buffer.from(log.tiles.get(`0/${tile}`)!.hashes);
      hashes[bit >> 3]! ^= 1 << (bit & 7);
      const changed = { ...log.tiles.get(`0/${tile}`)!, hashes: cut ? hashes.subarray(0, bit >> 3) : hashes };
      const verdict = await log.verify(log.rows, (level, index) => {
        if (level === 1) return parent;
        return index === tile ? changed : log.tiles.get(`0/${index}`);
      });
      expect(verdict).toMatchObject({
        intact: false,
        located: true,
        faults: [{ kind: "tile-altered", tile: { level: 0, index: tile } }],
      });
    }),
    { numRuns: 40 },
  );
});
