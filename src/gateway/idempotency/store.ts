// SQL of idempotent requests.

import { type Queryable, relaxedCommit } from "#kernel/db";

/** A request under a key as it stands: under way, or answered. */
export type Standing = {
  readonly digest: Buffer;
  readonly status: number | null;
  readonly body: string | null;
};

const BODY = "gateway.idempotent_request.body";
const placeOf = (principal: string, key: string): string => `${principal.length}:${principal}${key}`;

/** A request and the key that it comes under. */
export type Keyed = { readonly principal: string; readonly key: string; readonly digest: Buffer };

/**
 * Takes keys for requests, each of another key. One that was taken and not answered within a minute belonged to a node
 * that is gone: it is taken over. @returns undefined where the key is the caller's now, else how it stands
 */
export async function take(db: Queryable, all: readonly Keyed[]): Promise<(Standing | undefined)[]> {
  // In one order for all nodes, so that none waits for another in a circle. The write's own commit comes behind this one on
  // the disk: neither is there without it.
  const taken = await db.query<Pick<Keyed, "principal" | "key">>({
    name: "gateway.take",
    text: `with ${relaxedCommit} insert into gateway.idempotent_request as r (principal, key, digest)
      select a.* from relaxed, unnest($1::text[], $2::text[], $3::bytea[]) as a (principal, key, digest) order by principal, key
      on conflict (principal, key) do update set begun_at = clock_timestamp()
        where r.status is null and r.digest = excluded.digest and r.begun_at < clock_timestamp() - interval '1 minute'
      returning principal, key`,
    values: columnsOf(all),
  });
  const own = new Set(taken.map(({ principal, key }) => placeOf(principal, key)));
  const others = all.filter(({ principal, key }) => !own.has(placeOf(principal, key)));
  const standings = others.length > 0 ? await readStandings(db, others) : new Map<string, Standing>();
  return all.map(({ principal, key, digest }) => {
    const place = placeOf(principal, key);
    // Freed between the two statements: whoever asks may come again.
    return own.has(place) ? undefined : (standings.get(place) ?? { digest, status: null, body: null });
  });
}

async function readStandings(db: Queryable, all: readonly Keyed[]): Promise<Map<string, Standing>> {
  const rows = await db.query<
    Omit<Standing, "body"> & Pick<Keyed, "principal" | "key"> & { readonly body: Buffer | null }
  >({
    name: "gateway.standing",
    text: `select principal, key, r.digest, status, body from gateway.idempotent_request r
      join unnest($1::text[], $2::text[]) as a (principal, key) using (principal, key)`,
    values: columnsOf(all).slice(0, 2),
  });
  return new Map(
    rows.map(({ principal, key, digest, status, body }) => {
      const place = placeOf(principal, key);
      return [place, { digest, status, body: body && db.vault.open(body, BODY, place).toString() }];
    }),
  );
}

const columnsOf = (all: readonly Keyed[]): unknown[] => [
  all.map(({ principal }) => principal),
  all.map(({ key }) => key),
  all.map(({ digest }) => digest),
];

/** The answer to a request under a key. */
export type Kept = { readonly principal: string; readonly key: string; readonly status: number; readonly body: string };

/** Keeps answers. */
export async function keepAnswers(db: Queryable, all: readonly Kept[]): Promise<void> {
  await db.query({
    name: "gateway.answer",
    text: `update gateway.idempotent_request r set status = a.status, body = a.body
      from unnest($1::text[], $2::text[], $3::smallint[], $4::bytea[]) as a (principal, key, status, body)
      where r.principal = a.principal and r.key = a.key`,
    values: [
      all.map(({ principal }) => principal),
      all.map(({ key }) => key),
      all.map(({ status }) => status),
      all.map(({ principal, key, body }) => db.vault.seal(body, BODY, placeOf(principal, key))),
    ],
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
