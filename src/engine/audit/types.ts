// The nouns of the audit: what a leaf says, and what the tree says about it.

/** What became of the thing a leaf records. */
export type Outcome = "ok" | "waiting" | "refused" | "failed" | (string & {});

/** One thing that happened. Never holds patient data: personal values appear as commitments only. */
export type Leaf = {
  readonly at: Date;
  /** The part of the platform that acted, e.g. `channels`. */
  readonly part: string;
  /** What happened, `noun.past-participle`. */
  readonly name: string;
  readonly outcome: Outcome;
  /** UUID of the journey it belongs to. */
  readonly journeyId?: string | undefined;
  /** Who caused it: a user's or client's subject, never a name. */
  readonly actor?: string | undefined;
  /** Error code of the table where it did not go well. */
  readonly code?: string | undefined;
  /** Number of the attempt, from 1. */
  readonly attempt?: number | undefined;
  /** Commitments by the name of what they commit to; see `commit`. */
  readonly commitments?: Readonly<Record<string, string>> | undefined;
  readonly detail?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
};

/** A leaf as read back, with its position in the order of everything durable. */
export type StoredLeaf = Leaf & { readonly position: number };

/** A checkpoint row: the note signed for the first `size` leaves, the last of which is at `lastPosition`. */
export type StoredCheckpoint = {
  readonly size: number;
  readonly lastPosition: number;
  readonly note: string;
  readonly at: Date;
};

/** A full tile: 256 hashes of 32 bytes each, and its own root. */
export type Tile = {
  readonly level: number;
  readonly index: number;
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly root: Buffer;
  readonly hashes: Buffer;
};
