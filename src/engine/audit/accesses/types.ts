// The nouns of accesses: who asked for what, and where to look for it.

import type { Leaf, StoredLeaf } from "../types.ts";

/** An access to record: a leaf, and what it is found by. */
export type NewAccess = {
  /** UUID; the leaf's detail holds it as `id`. */
  readonly id: string;
  readonly leaf: Leaf;
  readonly purpose?: string | undefined;
  /** In the asker's words. Kept beside the leaf, which holds a commitment to it. */
  readonly reason?: string | undefined;
  /** What was seen, `type/id`: ids of ours, never a value. */
  readonly about: readonly string[];
};

/** An access as it was recorded. */
export type StoredAccess = {
  readonly id: string;
  readonly leaf: StoredLeaf;
  readonly purpose: string | null;
  readonly reason: string | null;
  readonly about: readonly string[];
};

/** Which accesses, newest first; what is absent does not bound. */
export type AccessFilter = {
  readonly actor?: string | undefined;
  /** Any of these was seen. */
  readonly about?: readonly string[] | undefined;
  readonly purpose?: "break-glass" | undefined;
  readonly since?: Date | undefined;
  /** Not included. */
  readonly until?: Date | undefined;
  /** Only before this position: the last of the page before. */
  readonly before?: number | undefined;
  readonly most: number;
};
