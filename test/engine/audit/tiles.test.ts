// The C2SP tile layout: paths, widths and entry bundles.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openFrontier } from "../../../src/engine/audit/frontier.ts";
import { leafHash, rootOf } from "../../../src/engine/audit/merkle.ts";
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  fullTiles,
  partialWidth,
  tileHashes,
  tilePath,
} from "../../../src/engine/audit/tiles.ts";

describe("paths", () => {
  test.each([
    [0, 0, 256, "tile/0/000"],
    [0, 0, 112, "tile/0/000.p/112"],
    [1, 999, 256, "tile/1/999"],
    [0, 1000, 256, "tile/0/x001/000"],
    [0, 1234067, 256, "tile/0/x001/x234/067"],
    [2, 1234067, 1, "tile/2/x001/x234/067.p/1"],
  ])("level %i, index %i, width %i lies at its path", (level, index, width, path) => {
    expect(tilePath(level, index, width)).toBe(path);
  });

  test("a bundle lies where the leaf tile of the same index does", () => {
    expect(bundlePath(1234067, 3)).toBe("tile/entries/x001/x234/067.p/3");
  });
});

test.each([
  [70_000, [273, 1, 0], [112, 17, 1]],
  [256, [1, 0, 0], [0, 1, 0]],
  [255, [0, 0, 0], [255, 0, 0]],
])("a tree of %i has the full and partial tiles of the specification", (size, full, partial) => {
  expect([0, 1, 2].map((level) => fullTiles(level, size))).toEqual(full);
  expect([0, 1, 2].map((level) => partialWidth(level, size))).toEqual(partial);
});

describe("bundles", () => {
  test("entries come back as they went in", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (entries) => {
        expect(decodeBundle(encodeBundle(entries)).map((entry) => new Uint8Array(entry))).toEqual(entries);
      }),
    );
  });

  test("an entry of 65,535 bytes fits and one more byte is refused", () => {
    expect(decodeBundle(encodeBundle([Buffer.alloc(65_535)]))[0]).toHaveLength(65_535);
    expect(() => encodeBundle([Buffer.alloc(65_536)])).toThrow(expect.objectContaining({ code: "AUDIT_BAD_LEAF" }));
  });

  test("a bundle cut anywhere inside its last entry is refused", () => {
    const bundle = encodeBundle([Buffer.from("one"), Buffer.from("three")]);
    for (const length of [6, 7, 8, 11]) {
      expect(() => decodeBundle(bundle.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "AUDIT_TAMPERED" }),
      );
    }
  });
});

test("a full tile holds its 256 hashes, its own root and the positions it spans, on every level", () => {
  const hashes = Array.from({ length: 65_536 }, (_, i) => leafHash(`entry ${i}`));
  const frontier = openFrontier();
  const tiles = hashes.flatMap((hash, i) => frontier.add(hash, 2 * i));
  const below = tiles.filter((tile) => tile.level === 0);
  const [top] = tiles.filter((tile) => tile.level === 1);
  expect(tiles).toHaveLength(257);
  expect(below[3]).toMatchObject({
    index: 3,
    firstPosition: 2 * 768,
    lastPosition: 2 * 1023,
    root: rootOf(hashes.slice(768, 1024)),
  });
  expect(tileHashes(below[3]!.hashes)).toEqual(hashes.slice(768, 1024));
  expect(top).toMatchObject({ index: 0, firstPosition: 0, lastPosition: 2 * 65_535, root: rootOf(hashes) });
  expect(tileHashes(top!.hashes)).toEqual(below.map((tile) => tile.root));
  expect(frontier.root()).toEqual(rootOf(hashes));
});
