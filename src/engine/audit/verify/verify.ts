// The verifier: streams the log once, and says whether it is what was signed and, if not, where it is not.

import { compareRun, type HashedRow } from "./align.ts";
import { type Mark, type Marks, openMarks } from "./marks.ts";
import { type RowReader, rowReader } from "./row-reader.ts";
import { readLogKey } from "./signed-checkpoint.ts";
import { foldPeaks, type Growing, grow, newTree, rootOverHashes, splitHashes } from "./tree.ts";
import type { AuditInput, Fault, Verdict, VerifierTile } from "./types.ts";

const WIDTH = 256;
const MAX_FAULTS = 100;

type Walk = {
  readonly input: AuditInput;
  readonly rows: RowReader;
  readonly marks: Marks;
  readonly head: Mark;
  readonly faults: Fault[];
  readonly report: (fault: Fault) => void;
  /** Roots of the tiles done so far, level by level: what the parent tiles must hold. */
  readonly above: Buffer[][];
  /** Over whole tiles of leaves, and over the leaves of the tile in hand. */
  readonly tiles: Growing;
  leaves: Growing;
  /** The last marks in a row that the tree did not meet, and the size up to which it is known to be right. */
  missed: { readonly mark: Mark; readonly position: number | undefined }[];
  goodSize: number;
  headMet: boolean;
};

const sizeOf = (walk: Walk): number => walk.tiles.size * WIDTH + walk.leaves.size;

/** Adds the leaves' hashes and compares the tree with every checkpoint signed for a size it passes through. */
async function addLeaves(walk: Walk, leaves: readonly { hash: Buffer; position?: number }[]): Promise<void> {
  let next = walk.marks.nextSize() - sizeOf(walk);
  for (const { hash, position } of leaves) {
    grow(walk.leaves, hash);
    if (--next > 0) continue;
    await compareMarks(walk, position);
    next = walk.marks.nextSize() - sizeOf(walk);
  }
}

async function compareMarks(walk: Walk, position: number | undefined): Promise<void> {
  const size = sizeOf(walk);
  const root = foldPeaks([...walk.tiles.peaks, ...walk.leaves.peaks]);
  const marks = await walk.marks.takeAt(size);
  const met = marks.filter((mark) => mark.root.equals(root));
  const missed = marks.filter((mark) => !met.includes(mark)).map((mark) => ({ mark, position }));
  for (const { lastPosition } of met) {
    const moved = position !== undefined && lastPosition !== undefined && lastPosition !== position;
    if (moved) walk.report({ kind: "checkpoint-altered", size });
  }
  if (met.length > 0) {
    // What was signed before and is not a beginning of this tree belongs to another.
    for (const { mark } of [...walk.missed, ...missed]) {
      walk.report({ kind: "forked", fromIndex: walk.goodSize, toIndex: mark.size, size: mark.size });
    }
    walk.missed = [];
    walk.goodSize = size;
    walk.headMet ||= size === walk.head.size;
  } else if (walk.missed.length < MAX_FAULTS) {
    walk.missed.push(...missed);
  }
}

/** Closes the tile in hand: its root goes up, and full parent tiles are compared with what is stored. */
async function closeTile(walk: Walk, tileRoot: Buffer): Promise<void> {
  let root = tileRoot;
  grow(walk.tiles, root);
  walk.leaves = newTree();
  for (let level = 1, index = (walk.tiles.size - 1) / WIDTH; ; level++, index /= WIDTH) {
    const hashes = walk.above[level] ?? [];
    walk.above[level] = hashes;
    hashes.push(root);
    if (hashes.length < WIDTH) return;
    root = rootOverHashes(hashes);
    const at = { level, index: Math.floor(index) };
    const stored = await walk.input.tile(level, at.index);
    const fits = stored?.hashes.equals(Buffer.concat(hashes)) && (stored.root?.equals(root) ?? true);
    if (!fits) walk.report({ kind: stored ? "tile-altered" : "tile-missing", tile: at });
    walk.above[level] = [];
  }
}

/** Whether the parent tile says that the rows are right; without it the stored tile is believed. */
async function parentHolds(walk: Walk, index: number, rows: readonly HashedRow[]): Promise<boolean> {
  if (rows.length < WIDTH) return false;
  const parent = await walk.input.tile(1, Math.floor(index / WIDTH));
  const at = (index % WIDTH) * 32;
  return parent?.hashes.subarray(at, at + 32).equals(rootOverHashes(rows.map((row) => row.hash))) ?? false;
}

/** One full tile of leaves. Returns false when the rows have ended. */
async function walkTile(walk: Walk, index: number): Promise<boolean> {
  const rows = await walk.rows.peek(WIDTH);
  if (rows.length === 0) return truncated(walk, undefined);
  const tile = await walk.input.tile(0, index);
  const same = tile?.hashes.equals(Buffer.concat(rows.map((row) => row.hash))) ?? false;
  const readable = tile?.hashes.length === WIDTH * 32;
  if (tile && readable && !same && !(await parentHolds(walk, index, rows))) {
    if (!(await followTile(walk, index, tile))) return false;
  } else if (!(await followRows(walk))) {
    return false;
  }
  const root = foldPeaks(walk.leaves.peaks);
  if (!tile || !tileFits(tile, root, same ? rows : undefined)) {
    walk.report({ kind: tile ? "tile-altered" : "tile-missing", tile: { level: 0, index } });
  }
  await closeTile(walk, root);
  return true;
}

/** Whether a stored tile says what was found: the root, and, where its hashes are those of `rows`, their positions. */
function tileFits(tile: VerifierTile, root: Buffer, rows: readonly HashedRow[] | undefined): boolean {
  const hashes = rows !== undefined || rootOverHashes(splitHashes(tile.hashes)).equals(root);
  const positions = !rows || (rows[0]!.position === tile.firstPosition && rows.at(-1)!.position === tile.lastPosition);
  return hashes && positions && (tile.root?.equals(root) ?? true);
}

async function followRows(walk: Walk): Promise<boolean> {
  const rows = await walk.rows.take(WIDTH);
  await addLeaves(walk, rows);
  return rows.length === WIDTH || truncated(walk, rows.at(-1));
}

/** Rows that do not hash to their tile, which is believed: reports what was done to them and goes on as the tile says. */
async function followTile(walk: Walk, index: number, tile: VerifierTile): Promise<boolean> {
  const expected = splitHashes(tile.hashes);
  const rows = await walk.rows.takeUpTo(tile.lastPosition, 2 * WIDTH);
  const exhausted = (await walk.rows.peek(1)).length === 0;
  for (const fault of compareRun(expected, rows, index * WIDTH)) {
    const cutOff = exhausted && fault.kind === "missing" && fault.toIndex === (index + 1) * WIDTH;
    walk.report(cutOff ? { ...fault, kind: "truncated", toIndex: walk.head.size } : fault);
    if (cutOff) return false;
  }
  await addLeaves(
    walk,
    expected.map((hash) => ({ hash })),
  );
  return true;
}

function truncated(walk: Walk, last: HashedRow | undefined): false {
  const from = last ? { fromPosition: last.position } : {};
  walk.report({ kind: "truncated", fromIndex: sizeOf(walk), toIndex: walk.head.size, ...from });
  return false;
}

/** The leaves after the last full tile, which only checkpoints vouch for. */
async function walkOpenTile(walk: Walk): Promise<boolean> {
  const rows = await walk.rows.take(walk.head.size - sizeOf(walk));
  await addLeaves(walk, rows);
  if (sizeOf(walk) === walk.head.size) return true;
  if (rows.length === 0 || rows.at(-1)!.position !== walk.head.lastPosition) return truncated(walk, rows.at(-1));
  // The last leaf is there, so it is an earlier one that is not.
  walk.report({ kind: "missing", fromIndex: walk.goodSize, toIndex: walk.missed[0]?.mark.size ?? walk.head.size });
  walk.missed = [];
  return false;
}

/** What the checkpoints that were not met say, once the rows have been walked. */
function reportMissed(walk: Walk): void {
  const first = walk.missed[0];
  if (!first) return;
  const range = { fromIndex: walk.goodSize, toIndex: first.mark.size, size: first.mark.size };
  const { lastPosition } = first.mark;
  const shift = first.position === undefined || lastPosition === undefined ? 0 : first.position - lastPosition;
  const inStore = shift > 0 ? "missing" : shift < 0 ? "extra" : "altered";
  walk.report({ kind: walk.missed.every(({ mark }) => mark.pinned) ? "forked" : inStore, ...range });
}

async function walkLog(walk: Walk): Promise<number> {
  const fullTiles = Math.floor(walk.head.size / WIDTH);
  let whole = true;
  if (walk.marks.nextSize() === 0) await compareMarks(walk, undefined);
  for (let index = 0; whole && index < fullTiles && walk.faults.length < MAX_FAULTS; index++) {
    whole = await walkTile(walk, index);
  }
  if (walk.faults.length >= MAX_FAULTS) return 0;
  if (whole) await walkOpenTile(walk);
  reportMissed(walk);
  return walk.rows.drain();
}

/** A log that no checkpoint was ever signed for: nothing is proved, and nothing is known to be wrong. */
async function unsigned(input: AuditInput, report: (fault: Fault) => void, faults: Fault[]): Promise<Verdict> {
  const pending = await rowReader(input.rows, report).drain();
  return { intact: faults.length === 0, size: 0, pending, checkpoints: 0, located: false, faults };
}

/**
 * Verifies a log, trusting only its public key. Reads the rows once and keeps a few tiles of them in memory.
 * Never throws for what it reads; a read that fails rejects with that failure.
 */
export async function verifyAudit(input: AuditInput): Promise<Verdict> {
  const faults: Fault[] = [];
  const report = (fault: Fault): void => {
    if (faults.length < MAX_FAULTS) faults.push(fault);
  };
  const key = readLogKey(input.verifierKey);
  if (!key) report({ kind: "bad-signature" });
  const marks = key && (await openMarks(input, key, report));
  if (key && faults.length === 0 && !marks?.head) return unsigned(input, report, faults);
  if (!marks?.head) return { intact: false, size: 0, pending: 0, checkpoints: 0, located: false, faults };
  const walk: Walk = {
    input,
    rows: rowReader(input.rows, report),
    marks,
    head: marks.head,
    faults,
    report,
    above: [],
    tiles: newTree(),
    leaves: newTree(),
    missed: [],
    goodSize: 0,
    headMet: false,
  };
  const pending = await walkLog(walk);
  const intact = faults.length === 0 && walk.headMet;
  return { intact, size: marks.head.size, pending, checkpoints: marks.good(), located: walk.headMet, faults };
}
