// The nouns of dry runs: what a changed channel would have made otherwise of messages that came.

/**
 * - `refused`: it would fail, and did not. `accepted`: it would go through, and failed. `fault`: it would fail otherwise.
 * - `count`: more or fewer messages would go on. `destination`: they would go elsewhere. `session`: in another order.
 * - `keys`: its journey would be found by other names. `content`: what goes on would say something else.
 */
export type ChangeKind = "refused" | "accepted" | "fault" | "count" | "destination" | "session" | "keys" | "content";

/** One way in which an outcome changes; never a value of the message. */
export type Change = {
  readonly kind: ChangeKind;
  /** What was and what would be, in codes, names of the channel, and counts; null where only values would tell. */
  readonly was: string | null;
  readonly would: string | null;
  /** Where contents differ. */
  readonly paths: readonly string[];
};

/** A message of which the changed channel makes something else. */
export type Difference = { readonly journeyId: string; readonly at: Date; readonly changes: readonly Change[] };

/** What a dry run found. */
export type Tally = {
  /** What the channel took in within that time. What went nowhere, or is older than what is kept, cannot be judged again. */
  readonly received: number;
  /** What was judged again. */
  readonly messages: number;
  readonly changed: number;
  /** In how many messages, by the kind of change and by the path of the content. */
  readonly byKind: Readonly<Partial<Record<ChangeKind, number>>>;
  readonly byPath: Readonly<Record<string, number>>;
  /** The newest of them. */
  readonly differences: readonly Difference[];
};

/** A dry run as it is kept. */
export type DryRun = Tally & {
  readonly id: string;
  readonly at: Date;
  readonly by: string;
  readonly since: Date;
  readonly until: Date;
  /** SHA-256 of the deployed text that it was compared with, hexadecimal. */
  readonly deployed: string;
  readonly digest: string;
  readonly file: string;
  readonly text: string;
};
