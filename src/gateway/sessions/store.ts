// SQL of sessions: by the hash of their cookie, sign-ins under way, and logout tokens that were used up.

import type { Queryable } from "#kernel/db";
import type { Principal } from "../identity/principal.ts";

/** A browser that was sent to an issuer. */
export type SignIn = {
  readonly issuer: string;
  readonly browser: Buffer;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
  readonly expiresAt: Date;
};

/** A session as it stands. */
export type StandingSession = {
  readonly issuer: string;
  readonly subject: string;
  readonly sid: string | null;
  readonly principal: Principal;
  readonly renewal: Buffer | null;
  readonly freshTill: Date;
  readonly lastSeenAt: Date;
  readonly endsAt: Date;
};

/** Whose session ended. */
export type Ended = { readonly actor: string };

export async function insertSignIn(db: Queryable, state: Buffer, signIn: SignIn, now: Date): Promise<void> {
  const { issuer, browser, nonce, verifier, returnTo, expiresAt } = signIn;
  await db.query({
    text: `with gone as (delete from session.sign_in where expires_at < $8)
      insert into session.sign_in (state, browser, issuer, nonce, verifier, return_to, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [state, browser, issuer, nonce, verifier, returnTo, expiresAt, now],
  });
}

/** Takes a sign-in up: nobody finds it again. */
export async function takeSignIn(db: Queryable, state: Buffer): Promise<SignIn | undefined> {
  const [row] = await db.query<SignIn>({
    text: `delete from session.sign_in where state = $1
      returning issuer, browser, nonce, verifier, return_to as "returnTo", expires_at as "expiresAt"`,
    values: [state],
  });
  return row;
}

export async function insertSession(db: Queryable, hash: Buffer, session: StandingSession): Promise<void> {
  const { issuer, subject, sid, principal, renewal, freshTill, lastSeenAt, endsAt } = session;
  await db.query({
    text: `insert into session.session
        (hash, issuer, subject, sid, principal, renewal, fresh_till, signed_in_at, last_seen_at, ends_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`,
    values: [hash, issuer, subject, sid, JSON.stringify(principal), renewal, freshTill, lastSeenAt, endsAt],
  });
}

export async function readSession(db: Queryable, hash: Buffer): Promise<StandingSession | undefined> {
  const [row] = await db.query<StandingSession>({
    name: "session.read",
    text: `select issuer, subject, sid, principal, renewal, fresh_till as "freshTill", last_seen_at as "lastSeenAt",
        ends_at as "endsAt" from session.session where hash = $1`,
    values: [hash],
  });
  return row;
}

export async function touchSession(db: Queryable, hash: Buffer, now: Date): Promise<void> {
  await db.query({
    name: "session.touch",
    text: "update session.session set last_seen_at = $2 where hash = $1 and last_seen_at < $2",
    values: [hash, now],
  });
}

/** Takes the renewal of a session on, unless somebody else has. @returns whether it is the caller's to do */
export async function claimRenewal(db: Queryable, hash: Buffer, now: Date, till: Date): Promise<boolean> {
  const rows = await db.query({
    text: `update session.session set renewing_till = $3
      where hash = $1 and (renewing_till is null or renewing_till < $2) returning 1`,
    values: [hash, now, till],
  });
  return rows.length === 1;
}

export async function keepRenewed(
  db: Queryable,
  hash: Buffer,
  { principal, renewal, freshTill }: Pick<StandingSession, "principal" | "renewal" | "freshTill">,
): Promise<void> {
  await db.query({
    text: `update session.session set principal = $2, renewal = $3, fresh_till = $4, renewing_till = null
      where hash = $1`,
    values: [hash, JSON.stringify(principal), renewal, freshTill],
  });
}

/** Gives a renewal up that did not come about: the next request may try. */
export async function freeRenewal(db: Queryable, hash: Buffer): Promise<void> {
  await db.query({ text: "update session.session set renewing_till = null where hash = $1", values: [hash] });
}

const whose = `returning principal->>'id' as actor`;

/** @returns whose it was; undefined where it is gone already */
export async function deleteSession(db: Queryable, hash: Buffer): Promise<Ended | undefined> {
  const [row] = await db.query<Ended>({ text: `delete from session.session where hash = $1 ${whose}`, values: [hash] });
  return row;
}

/** Every session of an issuer's person, or the one that the issuer names. */
export const deleteSessionsOf = (
  db: Queryable,
  issuer: string,
  { subject, sid }: { readonly subject?: string | undefined; readonly sid?: string | undefined },
): Promise<Ended[]> =>
  db.query<Ended>({
    text: `delete from session.session where issuer = $1
      and ($2::text is null or subject = $2) and ($3::text is null or sid = $3) ${whose}`,
    values: [issuer, subject ?? null, sid ?? null],
  });

/** Sessions that nobody will use again. */
export const deleteOverdue = (db: Queryable, seenBefore: Date, now: Date): Promise<Ended[]> =>
  db.query<Ended>({
    text: `delete from session.session where last_seen_at < $1 or ends_at < $2 ${whose}`,
    values: [seenBefore, now],
  });

/** Uses a logout token up. @returns false where it was used before */
export async function useLogoutToken(
  db: Queryable,
  issuer: string,
  jti: string,
  { expiresAt, now }: { readonly expiresAt: Date; readonly now: Date },
): Promise<boolean> {
  const rows = await db.query({
    text: `with gone as (delete from session.logout_token where expires_at < $4)
      insert into session.logout_token (issuer, jti, expires_at) values ($1, $2, $3) on conflict do nothing returning 1`,
    values: [issuer, jti, expiresAt, now],
  });
  return rows.length === 1;
}
