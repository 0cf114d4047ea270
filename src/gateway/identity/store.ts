// SQL of identity: tokens by their hash, and assertions that were used.

import type { Queryable } from "#kernel/db";

/** A token that was given out and is still good. */
export type StandingToken = {
  readonly client: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
};

/** Keeps a token, and drops those that have run out. */
export async function insertToken(
  db: Queryable,
  hash: Buffer,
  { client, scopes, expiresAt }: StandingToken,
): Promise<void> {
  await db.query({
    text: `with gone as (delete from identity.token where expires_at < now())
      insert into identity.token (hash, client, scopes, expires_at) values ($1, $2, $3, $4)`,
    values: [hash, client, scopes, expiresAt],
  });
}

/** The token of that hash, unless it was revoked. Whether it has run out is for the caller to say. */
export async function readToken(db: Queryable, hash: Buffer): Promise<StandingToken | undefined> {
  const [row] = await db.query<StandingToken>({
    name: "identity.token",
    text: `select client, scopes, expires_at as "expiresAt" from identity.token where hash = $1 and revoked_at is null`,
    values: [hash],
  });
  return row;
}

/** Uses an assertion up. @returns false where it was used before */
export async function useAssertion(db: Queryable, client: string, jti: string, expiresAt: Date): Promise<boolean> {
  const rows = await db.query({
    text: `with gone as (delete from identity.assertion where expires_at < now() - interval '1 hour')
      insert into identity.assertion (client, jti, expires_at) values ($1, $2, $3) on conflict do nothing returning 1`,
    values: [client, jti, expiresAt],
  });
  return rows.length === 1;
}
