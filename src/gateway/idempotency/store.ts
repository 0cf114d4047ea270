// SQL of idempotent requests.

import type { Queryable } from "#kernel/db";

/** A request under a key as it stands: under way, or answered. */
export type Standing = {
  readonly digest: Buffer;
  readonly status: number | null;
  readonly body: string | null;
};

/**
 * Takes a key for a request. One that was taken and not answered within a minute belonged to a node that is gone: it is
 * taken over. @returns undefined where the key is the caller's now, else how it stands
 */
export async function take(
  db: Queryable,
  principal: string,
  key: string,
  digest: Buffer,
): Promise<Standing | undefined> {
  const taken = await db.query({
    name: "gateway.take",
    text: `insert into gateway.idempotent_request as r (principal, key, digest) values ($1, $2, $3)
      on conflict (principal, key) do update set begun_at = clock_timestamp()
        where r.status is null and r.digest = excluded.digest and r.begun_at < clock_timestamp() - interval '1 minute'
      returning 1`,
    values: [principal, key, digest],
  });
  if (taken.length > 0) return undefined;
  const [standing] = await db.query<Standing>({
    name: "gateway.standing",
    text: "select digest, status, body from gateway.idempotent_request where principal = $1 and key = $2",
    values: [principal, key],
  });
  // Freed between the two statements: whoever asks may come again.
  return standing ?? { digest, status: null, body: null };
}

export async function keepAnswer(
  db: Queryable,
  { principal, key, status, body }: { principal: string; key: string; status: number; body: string },
): Promise<void> {
  await db.query({
    name: "gateway.answer",
    text: "update gateway.idempotent_request set status = $3, body = $4 where principal = $1 and key = $2",
    values: [principal, key, status, body],
  });
}

export async function free(db: Queryable, principal: string, key: string): Promise<void> {
  await db.query({
    text: "delete from gateway.idempotent_request where principal = $1 and key = $2 and status is null",
    values: [principal, key],
  });
}

/** Drops what is older than a day. */
export async function forget(db: Queryable): Promise<void> {
  await db.query({ text: "delete from gateway.idempotent_request where begun_at < now() - interval '1 day'" });
}
