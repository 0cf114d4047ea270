// The nouns of a group: one decision for many items, which items exactly, and what became of each.
//
//   previewed ─▶ running ⇄ paused ─▶ done
//                   └────────┴─────▶ cancelled     what had no turn yet is left

import type { Lapse } from "#kernel/authority";
import type { ErrorCode } from "#kernel/errors";
import type { Decider } from "../decider.ts";

/** What is done to each item; to decide names the action. */
export const groupDeeds = ["decide", "claim", "comment"] as const;
export type GroupDeed = (typeof groupDeeds)[number];

/** Items that wait in one queue for one reason. */
export type GroupFilter = {
  readonly domain: string;
  readonly queue: string;
  readonly reason: string;
  readonly title: string;
};

/** An item that a group may be about, and what a decision on access hangs on. */
export type GroupCandidate = {
  readonly id: string;
  readonly digest: string;
  readonly proposers: readonly string[];
  /** Who have chosen the action already. */
  readonly chosenBy: readonly string[];
};

/** `pending`: its turn has not come. `refused`: it was somebody's, or changed, or decided by then. `left`: cancelled before its turn. */
export const groupItemStates = ["pending", "done", "refused", "left"] as const;
export type GroupItemState = (typeof groupItemStates)[number];

export type GroupItem = {
  readonly nth: number;
  readonly itemId: string;
  readonly state: GroupItemState;
  /** Why it was refused. */
  readonly code: ErrorCode | null;
  readonly settledAt: Date | null;
};

/** A group as it stands. */
export type WorkGroup = GroupFilter & {
  readonly id: string;
  readonly state: "previewed" | "running" | "paused" | "done" | "cancelled";
  readonly deed: GroupDeed;
  readonly action: string | null;
  /** How many items, and the SHA-256 of exactly these at exactly these contents: a start names it. */
  readonly targets: number;
  readonly digest: string;
  readonly previewedBy: string;
  readonly previewedAt: Date;
  readonly startedBy: string | null;
  readonly startedAt: Date | null;
  /** In whose name items are done: whoever started it, or resumed it since. */
  readonly actingBy: string | null;
  /** Why it was paused by itself; null unless it was. */
  readonly lapsed: Lapse | null;
  readonly endedAt: Date | null;
  readonly counts: { readonly [State in GroupItemState]: number };
};

/** What somebody wants done to a group. */
export type NewGroup = GroupFilter & {
  readonly deed: GroupDeed;
  readonly action?: string | undefined;
  readonly targets: readonly Pick<GroupCandidate, "id" | "digest">[];
};

/** What a person says to start a group. */
export type GroupStart = { readonly digest: string; readonly comment?: string | undefined };

/** One decision for many items, as a job that any node takes on. Every deed of a person is audited, and every item by itself. */
export type Groups = {
  /** What waits for one cause, the most pressing first; at most a thousand. */
  candidates(filter: GroupFilter, action: string | undefined): Promise<readonly GroupCandidate[]>;
  /** Fixes the items by their contents. @throws GROUP_UNFIT for an action that somebody has to look at each item for */
  preview(group: NewGroup, actor: string): Promise<WorkGroup>;
  /**
   * Does it to exactly these, in the name of `decider` with the roles of this moment: for eight hours, and while they are known to
   * have these roles. After that it is paused, and says so.
   * @throws GROUP_UNKNOWN, GROUP_STATE when it was started already, GROUP_STALE when the digest is another's; REQUEST_INVALID
   *   for a comment on all that says nothing
   */
  start(id: string, start: GroupStart, decider: Decider): Promise<WorkGroup>;
  /** Takes no more items up until it is resumed. @throws GROUP_UNKNOWN, GROUP_STATE */
  pause(id: string, actor: string): Promise<WorkGroup>;
  /** Goes on where it was paused, in the name of `decider` from then on. @throws GROUP_UNKNOWN, GROUP_STATE */
  resume(id: string, decider: Decider): Promise<WorkGroup>;
  /** Takes no more items up for good. @throws GROUP_UNKNOWN, GROUP_STATE */
  cancel(id: string, actor: string): Promise<WorkGroup>;
  /** @throws GROUP_UNKNOWN */
  show(id: string): Promise<WorkGroup>;
  /** Items in their order, after the `after`-th. @throws GROUP_UNKNOWN */
  items(id: string, page: { readonly after: number; readonly most: number }): Promise<readonly GroupItem[]>;
};
