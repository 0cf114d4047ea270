// The nouns of work items: something that waits for a person, what that person may do, and what was decided.
//
//   open ─▶ claimed ⇄ open ─▶ decided      enough people chose the same action
//     │        │
//     └────────┴──▶ expired                nobody did in time
//              └──▶ withdrawn              what asked for it no longer needs it

import type { NewAccess } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import type { RolesOf } from "#kernel/authority";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import type { Log } from "#kernel/log";
import type { Decider } from "./decider.ts";
import type { Groups } from "./groups/types.ts";

export type { Decider };

/** How much the business hangs on it; the first sorts first. */
export const criticalities = ["critical", "high", "normal", "low"] as const;
export type Criticality = (typeof criticalities)[number];

/** One thing a person can do about an item. */
export type Action = {
  /** `approve`, `refuse`, `retry` … */
  readonly name: string;
  /** How many different people must choose it before it happens; one refusal is enough to refuse. */
  readonly quorum: number;
  /** Roles of which a decider needs one; empty: anybody who works the queue. */
  readonly roles: readonly string[];
  /** Of what is decided on, what may be refused while the rest is chosen: names of parts, no values. Absent: all or nothing. */
  readonly parts?: readonly string[];
  /** Of those parts, groups of which all are refused or none. */
  readonly tied?: readonly { readonly parts: readonly string[] }[];
};

/** An item to open. */
export type NewItem = {
  readonly queue: string;
  readonly domain: string;
  /** Why a person is needed: a reason code or an error code. */
  readonly reason: string;
  readonly criticality: Criticality;
  readonly journeyId: string;
  /** Whom or what it is about: an id of ours. */
  readonly subject?: string | undefined;
  /** One line for a list. Never holds a value of a person. */
  readonly title: string;
  /**
   * What the decider sees, and what exactly is decided on: JSON. A decision names the digest of it. Holds personal values:
   * shown to whoever opens the item, which is audited; never logged.
   */
  readonly content: unknown;
  /** What was tried before a person was asked, in words. */
  readonly tried: readonly string[];
  readonly actions: readonly Action[];
  /** Who may not decide: whoever proposed what is decided. */
  readonly excluded: readonly string[];
  /** While it waits, whoever may decide it is not shown what else was decided on the journey; absent: that is no secret. */
  readonly blind?: boolean | undefined;
  readonly dueAt: Date;
  /** At this instant it is closed as expired; absent: it waits for ever. */
  readonly expiresAt?: Date | undefined;
  /** Who is told what was decided: a message to `work.decided` with this session and this context. */
  readonly reply: { readonly session: string; readonly context: unknown };
};

/** What a person chooses, of exactly what was shown. */
export type Decision = {
  readonly action: string;
  readonly digest: string;
  readonly refused?: readonly string[] | undefined;
  readonly comment?: string | undefined;
};

/** What the message on `work.decided` says, as JSON. */
export type WorkDecided = {
  readonly itemId: string;
  /** The action that reached its quorum, or `expired`. */
  readonly action: string;
  readonly digest: string;
  /** Parts that anybody of those who chose the action refused. */
  readonly refused?: readonly string[] | undefined;
  readonly by: readonly { readonly name: string; readonly roles: readonly string[]; readonly at: string }[];
  readonly comment?: string | undefined;
  /** As given when the item was opened. */
  readonly context: unknown;
};

/** The topic that decisions are told on. */
export const WORK_DECIDED = "work.decided";

/** One line of a list: nothing personal. */
export type ItemSummary = {
  readonly id: string;
  readonly state: "open" | "claimed" | "decided" | "expired" | "withdrawn";
  readonly queue: string;
  readonly domain: string;
  readonly reason: string;
  readonly criticality: Criticality;
  readonly title: string;
  readonly journeyId: string;
  readonly owner: string | undefined;
  readonly openedAt: Date;
  readonly dueAt: Date;
  readonly expiresAt: Date | undefined;
  readonly escalatedAt: Date | undefined;
  /** It waits for more information: since when, and who said what is missing. */
  readonly inquiredAt: Date | undefined;
  readonly inquiredBy: string | undefined;
  /** Which digest a decision must name. */
  readonly digest: string;
  readonly actions: readonly Action[];
};

/** An item as its decider sees it. */
export type Item = ItemSummary & {
  readonly content: unknown;
  readonly tried: readonly string[];
  readonly excluded: readonly string[];
  readonly subject: string | undefined;
  readonly history: readonly {
    readonly at: Date;
    readonly deed:
      | "claimed"
      | "released"
      | "assigned"
      | "commented"
      | "inquired"
      | "escalated"
      | "chose"
      | "decided"
      | "expired"
      | "withdrawn";
    readonly by: string | undefined;
    /** Whom it was given to. */
    readonly to?: string | undefined;
    readonly action?: string | undefined;
    readonly refused?: readonly string[] | undefined;
    readonly comment?: string | undefined;
  }[];
};

/** Whose work an item is, and who may not be the one to decide. */
export type AboutItem = {
  readonly domain: string;
  readonly journeyId: string;
  /** Who brought about what is decided. */
  readonly proposers: readonly string[];
  /** Who have chosen the action that is asked for. */
  readonly chosenBy: readonly string[];
  /** How much was done about it so far; grows with every deed. Asked for apart: it is counted. */
  deeds(): Promise<number>;
};

/**
 * What of an item itself keeps a person from deciding it, whatever the policies permit: nobody is asked any more, somebody
 * else has taken it on, the person brought it about, has none of its roles, or has decided on its journey before a blind opinion.
 */
export type Obstacle = "closed" | "claimed" | "excluded" | "role" | "blind";

/** How an item stands to somebody who would decide it. */
export type Standing = {
  readonly obstacle: Obstacle | undefined;
  /** Roles of which the item asks one; none: anybody's. */
  readonly roles: readonly string[];
};

/** Of an item that was seen: how much had been done about it. A deed that names it is refused once more was done. */
export type Seen = { readonly deeds: number };

/** What waits in one domain; `overdue`: past its due time now. */
export type WaitingCount = {
  readonly domain: string;
  readonly waiting: number;
  readonly overdue: number;
  readonly oldestAt: Date;
};
/** Carries a decision out in its own commit. What it throws, a LockgateError, refuses the decision. */
export type Joiner = (tx: Tx, decided: WorkDecided) => Promise<void>;

/** Work items as the rest of the platform uses them. Every function that a person causes is audited with who and what. */
export type Work = {
  /** Opens an item in the caller's transaction, under an id that the caller made, with its leaf. */
  open(tx: Tx, id: string, item: NewItem): Promise<void>;
  /**
   * Has decisions on the items of a queue carried out in their own commit. MUST be called on every node that decides any, before
   * it does. The decision is told besides, as any is.
   */
  join(queue: string, joiner: Joiner): void;
  /** One decision for many items. */
  readonly groups: Groups;
  /** Closes an item that is no longer needed, in the caller's transaction. Nothing is told. @returns whether it was open */
  withdraw(tx: Tx, id: string, reason: string): Promise<boolean>;
  /** Closes every open item with that subject, as `withdraw` does. @returns how many */
  withdrawAbout(tx: Tx, subject: string, reason: string): Promise<number>;
  list(filter: {
    readonly id?: string | undefined;
    readonly queue?: string | undefined;
    /** One of them. */
    readonly domains?: readonly string[] | undefined;
    readonly owner?: string | undefined;
    readonly journeyId?: string | undefined;
    /** `waiting`: open or claimed. Absent: any. */
    readonly state?: ItemSummary["state"] | "waiting" | undefined;
    /** Those that stand behind this one: what waits by urgency, then what is closed by age. */
    readonly behind?: Pick<ItemSummary, "id" | "state" | "criticality" | "dueAt" | "openedAt"> | undefined;
    readonly most: number;
  }): Promise<ItemSummary[]>;
  /** All that waits, counted: by domain, in the order of their names. */
  countWaiting(): Promise<WaitingCount[]>;
  /** What waits in one queue, counted by its subject. */
  countAbout(queue: string): Promise<readonly { readonly subject: string; readonly waiting: number }[]>;
  /** Of journeys, those on which an item waits that `reader` may decide and is to decide blind. */
  blindTo(reader: Decider, journeyIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** What a decision on access hangs on; nothing personal. @throws WORK_UNKNOWN */
  about(id: string, action?: string): Promise<AboutItem>;
  /** How an item stands to somebody who would decide it, by `action` or any; nothing personal. @throws WORK_UNKNOWN */
  standing(id: string, decider: Decider, action?: string): Promise<Standing>;
  /**
   * Shows one whole; who looked is audited.
   * @throws WORK_UNKNOWN, WORK_FORBIDDEN when it is closed and `reader` may decide a blind item of its journey
   */
  show(id: string, reader: Decider): Promise<Item>;
  /** As every deed: with `seen`, @throws PRECONDITION_FAILED. @throws WORK_UNKNOWN, WORK_STATE when it is closed or somebody else's */
  claim(id: string, decider: Decider, seen?: Seen): Promise<void>;
  /** @throws WORK_UNKNOWN, WORK_STATE when it is not the decider's */
  release(id: string, decider: Decider, seen?: Seen): Promise<void>;
  /** How items were decided, by id: the action; of those that were not, nothing. */
  decisions(ids: readonly string[]): Promise<ReadonlyMap<string, Action["name"]>>;
  /** Gives it to somebody else. @throws WORK_UNKNOWN, WORK_STATE, WORK_UNASSIGNABLE where that person could not decide it */
  assign(id: string, decider: Decider, to: Decider, seen?: Seen): Promise<void>;
  /**
   * Says what is missing before it can be decided: it stays open, and is due as long from now as it was at first.
   * @throws WORK_UNKNOWN, WORK_STATE, WORK_FORBIDDEN for whoever could not decide it
   */
  inquire(id: string, decider: Decider, comment: string, seen?: Seen): Promise<void>;
  /** @param access the record of the request that it came by, which is kept in the commit of the comment */
  comment(id: string, decider: Decider, comment: string, seen?: Seen, access?: NewAccess): Promise<void>;
  /** Raises the criticality by one step, takes the owner off it, and says so. @throws WORK_UNKNOWN, WORK_STATE */
  escalate(id: string, decider: Decider, comment: string, seen?: Seen): Promise<void>;
  /**
   * Chooses an action. With its quorum reached the item is decided and the asker is told, all in one transaction.
   * A second choice of the same person counts once; while others have chosen differently, each action counts for itself.
   * A part that one of them refuses is refused.
   * @throws WORK_UNKNOWN, WORK_STATE when closed or claimed by another, WORK_STALE when `digest` is not the item's,
   *   WORK_FORBIDDEN when excluded, without a role that the action needs, or
   *   of a blind item for whoever has chosen on its journey before, REQUEST_INVALID for an unknown action,
   *   for a part that the action does not offer, and where every part is refused; what carries it out in the same commit,
   *   WORK_OVERTAKEN where what it is about has moved on
   */
  decide(id: string, decider: Decider, decision: Decision, seen?: Seen): Promise<ItemSummary>;
};

/** What work items need from their process. */
export type WorkOptions = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly clock: Clock;
  readonly log: Log;
  /** What roles people have now: a job in somebody's name stops where they lost one. Absent: nobody's are known. */
  readonly rolesOf?: RolesOf;
};
