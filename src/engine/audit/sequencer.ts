// The sequencer: puts settled leaves into the tree, keeps its tiles, and signs checkpoints.

import type { Clock } from "#kernel/clock";
import { type Db, horizon } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { readCheckpointFile, writeCheckpointFile } from "./checkpoint-file.ts";
import { type Frontier, openFrontier } from "./frontier.ts";
import { leafHash } from "./merkle.ts";
import { openCheckpoint, type Signer, signCheckpoint } from "./note.ts";
import { insertCheckpoint, insertTiles, leavesBetween, selectLatestCheckpoint, selectTiles } from "./store.ts";
import { readFrontier, spanRoots } from "./subtrees.ts";
import type { StoredCheckpoint, Tile } from "./types.ts";

export type SequencerOptions = {
  readonly db: Db;
  readonly keys: Signer;
  /** File that keeps the latest checkpoint outside the database. */
  readonly checkpointFile: string;
  readonly clock: Clock;
  /** Least time between two checkpoints; default 1000. */
  readonly checkpointEveryMs?: number;
  /** Leaves taken up between two breaths of the event loop, which also answers senders; default 256. */
  readonly batchSize?: number;
};

/** How far the sequencer has got: leaves in the tree, and leaves under the latest checkpoint. */
export type Sequenced = { readonly size: number; readonly signedSize: number };

export type AuditSequencer = {
  /**
   * Takes up every settled leaf, and signs a checkpoint when one is due. Calls run one after another.
   * @throws AUDIT_TAMPERED or AUDIT_BAD_CHECKPOINT when the stored tree does not fit its checkpoints; nothing is signed then.
   */
  runOnce(): Promise<Sequenced>;
  /** Runs until `signal` aborts. Rejects with the first error; a later call starts afresh from what is stored. */
  run(signal: AbortSignal): Promise<void>;
};

/** Between two looks for leaves while there are new ones. */
const BUSY_LOOK_MS = 100;

type State = { readonly frontier: Frontier; lastPosition: number; signedSize: number; signedAtMs: number };

const tampered = (at: string): LockgateError => new LockgateError("AUDIT_TAMPERED", { at });

const sameTile = (a: Tile, b: Tile): boolean =>
  a.hashes.equals(b.hashes) &&
  a.root.equals(b.root) &&
  a.firstPosition === b.firstPosition &&
  a.lastPosition === b.lastPosition;

/** Inserts tiles; those that are there already must be the same. */
async function keepTiles(db: Db, tiles: readonly Tile[]): Promise<void> {
  if (tiles.length === 0 || (await insertTiles(db, tiles)) === tiles.length) return;
  const stored = new Map((await selectTiles(db, tiles)).map((tile) => [`${tile.level}/${tile.index}`, tile]));
  for (const tile of tiles) {
    const key = `${tile.level}/${tile.index}`;
    const found = stored.get(key);
    if (!found || !sameTile(found, tile)) throw tampered(`tile ${key}`);
  }
}

/** The tree under the latest checkpoint, once it has been checked against that checkpoint and the one on file. */
async function recover({ db, keys, checkpointFile }: SequencerOptions): Promise<State> {
  // The file first: it is written after the database, so it can only be the older of the two.
  const pinnedNote = await readCheckpointFile(checkpointFile);
  const stored = await selectLatestCheckpoint(db);
  const pinned = pinnedNote === undefined ? undefined : openCheckpoint(pinnedNote, keys);
  if (!stored) {
    if (pinned) throw tampered("checkpoint file");
    return { frontier: openFrontier(), lastPosition: 0, signedSize: 0, signedAtMs: Number.NEGATIVE_INFINITY };
  }
  const latest = openCheckpoint(stored.note, keys);
  const frontier = await readFrontier(db, stored);
  if (latest.size !== stored.size || !latest.root.equals(frontier.root())) throw tampered(`checkpoint ${stored.size}`);
  if (pinned) await checkExtends(db, pinned, stored);
  if (pinnedNote !== stored.note) await writeCheckpointFile(checkpointFile, stored.note);
  return { frontier, lastPosition: stored.lastPosition, signedSize: stored.size, signedAtMs: stored.at.getTime() };
}

async function checkExtends(db: Db, pinned: { size: number; root: Buffer }, stored: StoredCheckpoint): Promise<void> {
  const [root] = pinned.size <= stored.size ? await spanRoots(db, [{ from: 0, to: pinned.size }], stored) : [];
  if (!root?.equals(pinned.root)) throw tampered("checkpoint file");
}

/** The one writer of tiles and checkpoints. A second one at the same time does no harm: both write the same rows. */
export function auditSequencer(options: SequencerOptions): AuditSequencer {
  const { db, keys, checkpointFile, clock, checkpointEveryMs = 1000, batchSize = 256 } = options;
  let state: State | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const sign = async (current: State): Promise<void> => {
    const size = current.frontier.size();
    const at = new Date(clock.now());
    const note = signCheckpoint({ size, root: current.frontier.root() }, keys);
    const stored = await insertCheckpoint(db, { size, lastPosition: current.lastPosition, note, at });
    // Ed25519 is deterministic: the same tree under the same key is the same note.
    if (stored !== note) throw tampered(`checkpoint ${size}`);
    await writeCheckpointFile(checkpointFile, note);
    current.signedSize = size;
    current.signedAtMs = at.getTime();
  };

  const takeBatch = async (current: State, upTo: number): Promise<boolean> => {
    const leaves = await leavesBetween(db, current.lastPosition, upTo, batchSize);
    const tiles = leaves.flatMap(({ position, body }) => current.frontier.add(leafHash(body), position));
    await keepTiles(db, tiles);
    current.lastPosition = leaves.at(-1)?.position ?? current.lastPosition;
    return leaves.length === batchSize;
  };

  const takeSettled = async (signal?: AbortSignal): Promise<Sequenced> => {
    try {
      state ??= await recover(options);
      const upTo = await horizon(db);
      while ((await takeBatch(state, upTo)) && !signal?.aborted);
      const due = clock.now() - state.signedAtMs >= checkpointEveryMs;
      if (due && state.frontier.size() > state.signedSize) await sign(state);
      return { size: state.frontier.size(), signedSize: state.signedSize };
    } catch (thrown) {
      state = undefined; // it may be ahead of what is stored
      throw thrown;
    }
  };

  const inTurn = (signal?: AbortSignal): Promise<Sequenced> => {
    const turn = queue.then(() => takeSettled(signal));
    queue = turn.catch(() => undefined);
    return turn;
  };

  return {
    runOnce: () => inTurn(),
    async run(signal) {
      let sizeBefore = 0;
      while (!signal.aborted) {
        const { size } = await inTurn(signal);
        // While leaves keep coming, little and often: a second's worth at once would make senders wait.
        await clock.sleep(size > sizeBefore ? Math.min(BUSY_LOOK_MS, checkpointEveryMs) : checkpointEveryMs, signal);
        sizeBefore = size;
      }
    },
  };
}
