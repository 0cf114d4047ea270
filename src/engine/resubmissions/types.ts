// The nouns of resubmissions: what somebody proposes in a dead letter's place, and how that stands.
//
//   proposed ─▶ taken-in    a second person approved: a message of its own, and the letter is answered
//           ├─▶ refused     the letter stays as it is
//           └─▶ withdrawn   the letter was replayed or given up meanwhile: there is nothing left to agree to

import type { BusinessKey } from "#engine/channels";

/** A proposal as it stands; nothing of what the message says. */
export type Resubmission = {
  readonly id: string;
  readonly state: "proposed" | "taken-in" | "refused" | "withdrawn";
  readonly channel: string;
  readonly subscription: string;
  readonly position: number;
  /** The journey of the original. */
  readonly journeyId: string;
  /** SHA-256 of the proposed bytes, 64 hexadecimal digits. */
  readonly digest: string;
  /** Where it differs from the original, e.g. `PID-7`. */
  readonly fields: readonly string[];
  readonly proposedBy: string;
  readonly proposedAt: Date;
  /** The work item that asks a second person. */
  readonly itemId: string;
  /** The journey that it began; null unless it was taken in. */
  readonly newJourneyId: string | null;
  /** Null where nobody did: it waits, or was withdrawn. */
  readonly decidedBy: string | null;
  /** When it ended. */
  readonly decidedAt: Date | null;
};

/** What somebody proposes. */
export type NewResubmission = {
  readonly subscription: string;
  readonly position: number;
  readonly body: Buffer;
  /** Where it differs from the original; no values. */
  readonly fields: readonly string[];
  readonly comment: string;
  readonly by: string;
};

/** Both messages, for whoever may look. Holds personal values. */
export type ResubmissionContent = {
  readonly contentType: string;
  readonly original: Buffer;
  readonly proposed: Buffer;
  /** What the proposed message would be found by. */
  readonly keys: readonly BusinessKey[];
};

/** A channel's dead letter, for whoever mends it. */
export type Mendable = {
  readonly journeyId: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** The settings of the channel's source, as the site wrote them. */
  readonly source: Readonly<Record<string, unknown>>;
};

/** Mending of dead letters. Every deed is audited. */
export type Resubmissions = {
  /** @throws DEAD_LETTER_UNKNOWN, RESUBMISSION_UNFIT where no channel took it in */
  mendable(subscription: string, position: number): Promise<Mendable>;
  /**
   * Keeps a proposal and asks a second person by a work item.
   * @throws as `mendable`; RESUBMISSION_PENDING; what the channel finds wrong with the message, by code and path
   */
  propose(proposal: NewResubmission): Promise<Resubmission>;
  /** Proposals, the newest first; of one state, and behind one of them. */
  list(page: {
    readonly state?: Resubmission["state"] | undefined;
    readonly behind?: string | undefined;
    readonly most: number;
  }): Promise<readonly Resubmission[]>;
  /** @throws RESUBMISSION_UNKNOWN */
  show(id: string): Promise<Resubmission>;
  /** @throws RESUBMISSION_UNKNOWN, MESSAGE_GONE when the letter was handled and is not kept */
  content(id: string): Promise<ResubmissionContent>;
  /**
   * Takes back every proposal whose letter is no dead letter any more, or another by now, and closes its work item with the reason.
   * Any node may at any time. @returns how many
   */
  withdrawOvertaken(): Promise<number>;
  /** Does so every second until `signal` aborts: letters are settled by jobs and on other nodes too. */
  run(signal: AbortSignal): Promise<void>;
};
