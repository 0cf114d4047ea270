// What the verifier is given and what it finds. This folder shares no code with the log's writer, on purpose.

/** A leaf row, in order of position. `journeyId`, where given, is the column that must say what the body says. */
export type VerifierRow = {
  readonly position: number;
  readonly body: string | Uint8Array;
  readonly journeyId?: string | null;
};

/** A hash tile as stored. `root`, where given, is what the store says the tile's own hash is. */
export type VerifierTile = {
  /** 32 bytes each; fewer than 256 in a partial tile. */
  readonly hashes: Buffer;
  readonly root?: Buffer;
  /** Positions of the first and the last leaf below the tile. */
  readonly firstPosition: number;
  readonly lastPosition: number;
};

/** A signed note and what its row says about it. */
export type VerifierCheckpoint = { readonly note: string; readonly size?: number; readonly lastPosition?: number };

/** Everything the verifier reads. It trusts none of it but `verifierKey`, and the notes once their signature is checked. */
export type AuditInput = {
  readonly rows: AsyncIterable<VerifierRow>;
  /** The stored tile, or undefined. For levels above 0 it may be partial. */
  tile(level: number, index: number): Promise<VerifierTile | undefined>;
  /** The log's latest checkpoint; undefined when it has none, which is a fault if one is pinned. */
  readonly checkpoint: VerifierCheckpoint | undefined;
  /** Earlier checkpoints as stored, by ascending size; each is checked, and they narrow down where a fault lies. */
  readonly checkpoints?: AsyncIterable<VerifierCheckpoint>;
  /** Checkpoints kept elsewhere: the file outside the database, a copy in another organisation. */
  readonly pinned?: readonly string[];
  /** Verifier key in C2SP text form. */
  readonly verifierKey: string;
};

/**
 * What is wrong.
 * - `altered`: leaves say something else than what was signed. `missing`: leaves were taken out. `extra`: leaves were put in.
 *   `reordered`: leaves stand in another order. `truncated`: the last leaves are gone. `misfiled`: a leaf is filed under another journey.
 * - `tile-altered`, `tile-missing`: a stored tile does not fit the leaves.
 * - `bad-signature`: a checkpoint is malformed or not signed by the log's key. `checkpoint-altered`: its row says another size or position.
 * - `forked`: the log is not an extension of a checkpoint that was signed for it.
 */
export type FaultKind =
  | "altered"
  | "missing"
  | "extra"
  | "reordered"
  | "truncated"
  | "misfiled"
  | "tile-altered"
  | "tile-missing"
  | "bad-signature"
  | "checkpoint-altered"
  | "forked";

export type Fault = {
  readonly kind: FaultKind;
  /** Leaf indices concerned, from 0: `fromIndex` up to but not including `toIndex`. */
  readonly fromIndex?: number;
  readonly toIndex?: number;
  /** Positions of the rows concerned; of missing ones, of their neighbours. */
  readonly fromPosition?: number;
  readonly toPosition?: number;
  readonly tile?: { readonly level: number; readonly index: number };
  /** Size of the checkpoint concerned, where it can be read. */
  readonly size?: number;
};

export type Verdict = {
  /** Every leaf under the checkpoint is as it was signed, and so is everything stored about it. True of a log nothing was signed for: see `size`. */
  readonly intact: boolean;
  /** Leaves under the newest checkpoint whose signature is good. */
  readonly size: number;
  /** Leaves after it, which nothing proves yet. */
  readonly pending: number;
  /** Checkpoints whose signature was good. */
  readonly checkpoints: number;
  /** Whether undoing the faults listed gives the signed root again: then they are all there are, and where they are is certain. */
  readonly located: boolean;
  /** In order of discovery; at most 100. */
  readonly faults: readonly Fault[];
};
