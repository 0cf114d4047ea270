// All SQL of throttling.

import { type Queryable, relaxedCommit, type Tx } from "#kernel/db";
import type { Product } from "./settings.ts";

/** What a node asks of one bucket. */
export type Ask = {
  readonly product: Product;
  readonly subject: string;
  readonly wanted: number;
  /** Spent without a lease, less what was leased and not spent. */
  readonly settled: number;
  /** The day of the lease that something is given back of, as the database named it. */
  readonly day: string | undefined;
  /** Milliseconds that one permit takes to come. */
  readonly spacingMs: number;
  /** Milliseconds that a whole bucket takes to fill. */
  readonly depthMs: number;
  readonly perDay: number;
};

/** What it gets. */
export type Grant = {
  readonly granted: number;
  /** Permits that the bucket holds still. */
  readonly rateLeft: number;
  readonly dayLeft: number;
  /** Milliseconds till the next permit comes; 0 where there is one. */
  readonly dueMs: number;
  /** The day (UTC), and how long it lasts. */
  readonly today: string;
  readonly dayLeftMs: number;
};

/**
 * Leases permits. `asks` are sorted by product and subject. `at` stands for the server's own clock. Nobody waits for the disk:
 * a server that crashes forgets at most what was leased in its last moments.
 */
export function lease(db: Queryable, asks: readonly Ask[], at?: Date): Promise<Grant[]> {
  const column = <Value>(of: (ask: Ask) => Value): Value[] => asks.map(of);
  return db.query<Grant>({
    name: "throttle.lease",
    text: `with ${relaxedCommit} select granted, "rateLeft", "dayLeft", "dueMs", "today", "dayLeftMs"
      from relaxed, throttle.lease($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      column(({ product }) => product),
      column(({ subject }) => subject),
      column(({ wanted }) => wanted),
      column(({ settled }) => settled),
      column(({ day }) => day ?? null),
      column(({ spacingMs }) => spacingMs),
      column(({ depthMs }) => depthMs),
      column(({ perDay }) => perDay),
      at ?? null,
    ],
  });
}

/** Marks that the audit is told of a refusal. @returns whether it was not told yet in this minute, or on this day */
export async function note(
  tx: Tx,
  { product, subject, isQuota }: { readonly product: Product; readonly subject: string; readonly isQuota: boolean },
): Promise<boolean> {
  const rows = await tx.query({
    text: isQuota
      ? `update throttle.bucket set quota_noted_on = day
          where product = $1 and subject = $2 and quota_noted_on is distinct from day returning 1`
      : `update throttle.bucket set rate_noted_at = clock_timestamp()
          where product = $1 and subject = $2
            and (rate_noted_at is null or rate_noted_at < clock_timestamp() - interval '1 minute') returning 1`,
    values: [product, subject],
  });
  return rows.length > 0;
}

/** Drops buckets that were not asked for in five weeks. */
export async function forget(db: Queryable): Promise<void> {
  await db.query({ text: "delete from throttle.bucket where day < current_date - 35" });
}
