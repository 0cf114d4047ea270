// The nouns of a replay: which dead letters, how fast, and what became of each.

import type { Actor, Lapse } from "#kernel/authority";
import type { ErrorCode } from "#kernel/errors";

/** Which dead letters; what is absent does not bound. */
export type ReplayFilter = {
  readonly subscription?: string | undefined;
  /** Why they stopped. */
  readonly code?: string | undefined;
  /** When they stopped: from `since` on, before `until`. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly ids?: readonly { readonly subscription: string; readonly position: number }[] | undefined;
  /** The first so many by position; at most 10,000. */
  readonly most: number;
};

/**
 * - `pending`: its turn has not come. `replayed`: tried again, and not known yet how it ends.
 * - `through`: handled. `failed`: stopped again. `gone`: no dead letter any more when its turn came, or dismissed since.
 * - `left`: the job was cancelled before its turn.
 */
export const replayItemStates = ["pending", "replayed", "through", "failed", "gone", "left"] as const;
export type ReplayItemState = (typeof replayItemStates)[number];

/** One letter of a job. */
export type ReplayItem = {
  readonly nth: number;
  readonly subscription: string;
  readonly position: number;
  readonly journeyId: string;
  /** Why it had stopped when the targets were fixed. */
  readonly code: ErrorCode | null;
  readonly state: ReplayItemState;
  readonly replayedAt: Date | null;
  readonly settledAt: Date | null;
  /** Why it stopped again. */
  readonly failedCode: ErrorCode | null;
};

/** A job as it stands. */
export type Replay = {
  readonly id: string;
  readonly state: "previewed" | "running" | "paused" | "done" | "cancelled";
  /** How many letters, and the SHA-256 of exactly these, 64 hexadecimal digits: a start names it. */
  readonly targets: number;
  readonly digest: string;
  readonly previewedBy: string;
  readonly previewedAt: Date;
  readonly startedBy: string | null;
  readonly startedAt: Date | null;
  /** In whose name letters are tried: whoever started it, or resumed it since. */
  readonly actingBy: string | null;
  /** Why it was paused by itself; null unless it was. */
  readonly lapsed: Lapse | null;
  readonly perSecond: number | null;
  readonly reason: string | null;
  readonly endedAt: Date | null;
  /** How many letters are in which state. */
  readonly counts: { readonly [State in ReplayItemState]: number };
};

/** What a person says to start a job. */
export type ReplayStart = {
  readonly digest: string;
  /** Letters tried again in a second, at most. */
  readonly perSecond: number;
  readonly reason: string;
};

/** Bulk replay of dead letters. Every deed of a person, and every letter that is tried again, is audited. */
export type Replays = {
  /** Fixes the targets by their positions: letters that die later are not among them. */
  preview(filter: ReplayFilter, actor: string): Promise<Replay>;
  /**
   * Tries exactly these, in the name of `actor`: for eight hours, and while they are known to have the roles of this moment. After
   * that it is paused, and says so.
   * @throws REPLAY_UNKNOWN, REPLAY_STATE when it was started already, REPLAY_STALE when the digest is another's
   */
  start(id: string, start: ReplayStart, actor: Actor): Promise<Replay>;
  /** Takes up no more letters until it is resumed. @throws REPLAY_UNKNOWN, REPLAY_STATE */
  pause(id: string, actor: string): Promise<Replay>;
  /** Goes on where it was paused, in the name of `actor` from then on. @throws REPLAY_UNKNOWN, REPLAY_STATE */
  resume(id: string, actor: Actor): Promise<Replay>;
  /** Takes up no more letters for good. @throws REPLAY_UNKNOWN, REPLAY_STATE */
  cancel(id: string, actor: string): Promise<Replay>;
  /** @throws REPLAY_UNKNOWN */
  show(id: string): Promise<Replay>;
  /** Letters of a job in their order, after the `after`-th. @throws REPLAY_UNKNOWN */
  items(
    id: string,
    page: { readonly after: number; readonly most: number; readonly state?: ReplayItemState | undefined },
  ): Promise<readonly ReplayItem[]>;
  /** Jobs, newest first. */
  list(most: number): Promise<readonly Replay[]>;
};
