// The Merkle tree against the RFC's definition, known roots and the reference implementation's vectors.

import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openFrontier } from "../../../src/engine/audit/frontier.ts";
import {
  consistencySpans,
  inclusionSpans,
  joinSubtrees,
  leafHash,
  rootOf,
  type Span,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from "../../../src/engine/audit/merkle.ts";
import { merkleVectors, present } from "./shared-data.ts";

const sha256 = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

/** The definition of RFC 6962 §2.1, word for word. */
function definedRoot(entries: readonly Buffer[]): Buffer {
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0]!);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(Buffer.of(1), definedRoot(entries.slice(0, k)), definedRoot(entries.slice(k)));
}

const entriesOf = (size: number): Buffer[] => Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i}`));
const hashesOf = (size: number): Buffer[] => entriesOf(size).map(leafHash);
const treeRoot = (size: number): Buffer => definedRoot(entriesOf(size));
/** Roots of spans, each put together from perfect subtrees as the stored tree does. */
const rootsOf = (spans: readonly Span[], size: number): Buffer[] => {
  const hashes = hashesOf(size);
  return spans.map((span) =>
    joinSubtrees(
      subtreesOf(span).map(({ height, index }) => rootOf(hashes.slice(index * 2 ** height, (index + 1) * 2 ** height))),
    ),
  );
};
const sizes = fc.integer({ min: 1, max: 700 });

describe("roots", () => {
  test.each([
    [[], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [[""], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    [
      ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"],
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ],
    [
      ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"],
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ],
  ])("the root of %j is the one known from Certificate Transparency", (entries, root) => {
    expect(rootOf(entries.map((entry) => leafHash(Buffer.from(entry, "hex")))).toString("hex")).toBe(root);
  });

  test("a text leaf hashes as its UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => leafHash(text).equals(leafHash(Buffer.from(text)))),
    );
  });

  test("the root at any size is the one the RFC defines, and so is the frontier's", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const frontier = openFrontier();
        hashesOf(size).forEach((hash, i) => void frontier.add(hash, i + 10));
        expect(rootOf(hashesOf(size))).toEqual(treeRoot(size));
        expect(frontier.root()).toEqual(treeRoot(size));
        expect(frontier.size()).toBe(size);
      }),
      { numRuns: 30 },
    );
  });
});

describe("proofs", () => {
  test("an inclusion proof holds at any size and index, and for no other leaf, index or root", () => {
    const places = sizes.chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
    fc.assert(
      fc.property(places, fc.nat(), ([size, index], pick) => {
        const proof = rootsOf(inclusionSpans(index, size), size);
        const leaf = leafHash(`entry ${index}`);
        const root = treeRoot(size);
        expect(verifyInclusion(index, size, leaf, proof, root)).toBe(true);
        expect(verifyInclusion(index, size, leafHash("another"), proof, root)).toBe(false);
        expect(verifyInclusion(index, size, leaf, proof, treeRoot(size + 1))).toBe(false);
        expect(verifyInclusion(index, size, leaf, [...proof, root], root)).toBe(false);
        if (size > 1)
          expect(verifyInclusion((index + 1 + (pick % (size - 1))) % size, size, leaf, proof, root)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test("a consistency proof holds between any two sizes, and for no other roots", () => {
    const pairs = sizes.chain((to) => fc.tuple(fc.integer({ min: 1, max: to }), fc.constant(to)));
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const proof = rootsOf(consistencySpans(from, to), to);
        const [old, now] = [treeRoot(from), treeRoot(to)];
        expect(verifyConsistency(from, to, old, now, proof)).toBe(true);
        expect(verifyConsistency(from, to, leafHash("another"), now, proof)).toBe(false);
        expect(verifyConsistency(from, to, old, leafHash("another"), proof)).toBe(false);
        expect(verifyConsistency(from, to, old, now, [...proof, now])).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});

type Vector = {
  leafIdx: number;
  treeSize: number;
  leafHash: string;
  root: string;
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
};

describe.skipIf(!present)("vectors of transparency-dev/merkle (skipped where ../shared/data/tlog is absent)", () => {
  const base64 = (text: string): Buffer => Buffer.from(text, "base64");
  const files = ["inclusion", "consistency"].flatMap((kind) => globSync(join(merkleVectors, kind, "**/*.json")));

  test("there are 196 of them", () => {
    expect(files).toHaveLength(196);
  });

  test("every one is judged as the reference judges it", () => {
    const wrong = files.filter((file) => {
      const vector = JSON.parse(readFileSync(file, "utf8")) as Vector;
      const proof = (vector.proof ?? []).map(base64);
      const good = file.includes("/inclusion/")
        ? verifyInclusion(vector.leafIdx, vector.treeSize, base64(vector.leafHash), proof, base64(vector.root))
        : verifyConsistency(vector.size1, vector.size2, base64(vector.root1), base64(vector.root2), proof);
      return good === vector.wantErr;
    });
    expect(wrong).toEqual([]);
  });
});
