// All SQL of shared limits.

import type { Queryable } from "#kernel/db";

/** Turns given, in milliseconds of the server's clock since the Unix epoch. */
export type Reservation = {
  /** How many turns; 0 where the next one is too far. */
  readonly granted: number;
  /** When the first is due, or would be. In the past: at once. */
  readonly dueMs: number;
  readonly nowMs: number;
};

export async function reserve(
  db: Queryable,
  limit: { name: string; spacingMs: number; creditMs: number; furthestMs: number },
  wanted: number,
): Promise<Reservation> {
  const [row] = await db.query<Reservation>({
    name: "limits.reserve",
    text: `select granted, due_ms as "dueMs", now_ms as "nowMs" from limits.reserve($1, $2, $3, $4, $5)`,
    values: [limit.name, wanted, limit.spacingMs, limit.creditMs, limit.furthestMs],
  });
  return row!;
}
