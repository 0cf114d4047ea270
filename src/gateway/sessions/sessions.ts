// Sessions of people in a browser: held here, told by a cookie that is worth nothing once they end.

import { append, type Leaf } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Colleagues } from "../colleagues/colleagues.ts";
import type { Principal } from "../identity/principal.ts";
import { csrfTokenOf, hashOf, isSame, newSecret, seal, unseal } from "./browser.ts";
import type { SignedIn, SignInIssuer } from "./issuer.ts";
import type { SessionSettings } from "./settings.ts";
import {
  claimRenewal,
  deleteOverdue,
  deleteSession,
  deleteSessionsOf,
  freeRenewal,
  insertSession,
  insertSignIn,
  keepRenewed,
  readSession,
  type StandingSession,
  takeSignIn,
  touchSession,
  useLogoutToken,
} from "./store.ts";

const SIGN_IN_MS = 600_000;
/** A session is written down as seen no more often than this. */
const SEEN_EVERY_MS = 30_000;
/** Renewed so long before the issuer's word runs out: other requests go on meanwhile. */
const AHEAD_MS = 60_000;
/** A node that renews and is gone is given up after this; longer than an issuer is waited for, twice over. */
const RENEWING_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** A browser's way out, and what it must bring back. */
export type Departure = { readonly url: string; readonly browser: string };

/** A session as its person may see it. */
export type Standing = {
  readonly principal: Principal;
  readonly csrfToken: string;
  readonly locksAt: Date;
  readonly endsAt: Date;
};

export type Sessions = {
  /** Sends a browser to an issuer; without a name, to the first. @throws SIGN_IN_UNKNOWN where nobody signs in there */
  depart(issuer: string | undefined, returnTo: string): Promise<Departure>;
  /** Takes a browser back. @returns the value of its new session's cookie. @throws SIGN_IN_REFUSED */
  arrive(said: Arrival): Promise<{ readonly session: string; readonly returnTo: string }>;
  /** Whose a session is. @throws SESSION_ENDED, SESSION_LOCKED; IDENTITY_UNAVAILABLE where it has to be renewed and cannot */
  find(session: string): Promise<Standing>;
  /** Whose a session still is, for an answer that goes on: to ask is no use of it. Undefined: it is over, or has to be renewed. */
  look(session: string): Promise<Principal | undefined>;
  /** The same for a request that may write. @throws CSRF_REFUSED besides */
  admit(session: string, method: string, csrfToken: unknown): Promise<Principal>;
  /** Ends a session. @returns where the browser may end the issuer's own */
  signOut(session: string): Promise<string | undefined>;
  /** Ends what an issuer says is over. @throws REQUEST_INVALID where its token does not hold, or was used */
  backChannel(logoutToken: string): Promise<void>;
};

/** What a browser came back with. */
export type Arrival = {
  readonly state: string;
  readonly code: string | undefined;
  readonly error: string | undefined;
  /** RFC 9207. */
  readonly issuer: string | undefined;
  readonly browser: string | undefined;
  /** The session that the browser had: the new one takes its place. */
  readonly before: string | undefined;
};

export type SessionsOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly settings: SessionSettings;
  readonly issuers: readonly SignInIssuer[];
  readonly colleagues: Pick<Colleagues, "arrived" | "departed">;
  /** How browsers reach this gateway. */
  readonly origin: () => string;
};

const UNSAFE = /^(?!GET$|HEAD$|OPTIONS$)/;

/** Sessions of people who sign in at these issuers. */
export function openSessions(options: SessionsOptions): Sessions {
  const { db, clock, settings, colleagues, origin } = options;
  const issuers = new Map(options.issuers.map((one) => [one.name, one]));
  const redirectUri = (): string => `${origin()}/auth/callback`;
  const note = (tx: Tx, leaf: Pick<Leaf, "name" | "outcome" | "actor" | "code" | "detail">) =>
    append(tx, [{ at: new Date(clock.now()), part: "gateway", ...leaf }]);
  const ended = (tx: Tx, actor: string, reason: string) =>
    note(tx, { name: "session.ended", outcome: "ok", actor, detail: { reason } });

  async function end(hash: Buffer, reason: string): Promise<void> {
    await db.transaction(async (tx) => {
      const gone = await deleteSession(tx, hash);
      if (gone) await ended(tx, gone.actor, reason);
    });
  }

  /** Whatever goes wrong on the way in is on record before it is told. */
  async function refusing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof LockgateError && thrown.code === "SIGN_IN_REFUSED") {
        const { code, reason = "refused" } = thrown;
        await db.transaction((tx) => note(tx, { name: "session.begun", outcome: "refused", code, detail: { reason } }));
      }
      throw thrown;
    }
  }

  async function signInOf({ state, browser, issuer: named, error }: Arrival) {
    const found = await takeSignIn(db, hashOf(state));
    if (!found || found.expiresAt.getTime() <= clock.now()) throw refused("state");
    if (browser === undefined || !hashOf(browser).equals(found.browser)) throw refused("browser");
    const issuer = issuers.get(found.issuer);
    if (!issuer || (named !== undefined && named !== issuer.url)) throw refused("issuer");
    if (error !== undefined) throw refused(/^[a-z_]{1,40}$/.test(error) ? error : "refused");
    return { ...found, issuer };
  }

  const standingOf = (
    session: string,
    signedIn: SignedIn,
  ): Pick<StandingSession, "principal" | "renewal" | "freshTill"> => ({
    principal: signedIn.principal,
    renewal: signedIn.refreshToken === undefined ? null : seal(session, signedIn.refreshToken),
    freshTill: new Date(signedIn.freshTillMs),
  });

  async function begin(issuer: string, signedIn: SignedIn, before: string | undefined): Promise<string> {
    const now = clock.now();
    const session = newSecret();
    const { subject, sid = null, principal } = signedIn;
    await db.transaction(async (tx) => {
      const replaced = before === undefined ? undefined : await deleteSession(tx, hashOf(before));
      if (replaced) await ended(tx, replaced.actor, "replaced");
      for (const { actor } of await deleteOverdue(tx, new Date(now - settings.idleMs), new Date(now)))
        await ended(tx, actor, "overdue");
      await insertSession(tx, hashOf(session), {
        issuer,
        subject,
        sid,
        lastSeenAt: new Date(now),
        endsAt: new Date(now + settings.longestMs),
        ...standingOf(session, signedIn),
      });
      const detail = { roles: principal.roles.join(" "), assurance: principal.assuranceLevel ?? 1 };
      await note(tx, { name: "session.begun", outcome: "ok", actor: principal.id, detail });
    });
    await colleagues.arrived(principal);
    return session;
  }

  /** The session as it stands, within its times. */
  async function standing(hash: Buffer): Promise<StandingSession> {
    const found = await readSession(db, hash);
    if (!found) throw new LockgateError("SESSION_ENDED");
    const now = clock.now();
    if (found.endsAt.getTime() <= now) {
      await end(hash, "longest");
      throw new LockgateError("SESSION_ENDED");
    }
    const unseenMs = now - found.lastSeenAt.getTime();
    if (unseenMs > settings.idleMs) {
      await end(hash, "idle");
      throw new LockgateError("SESSION_LOCKED");
    }
    if (unseenMs > SEEN_EVERY_MS) await touchSession(db, hash, new Date(now));
    return found;
  }

  const isFresh = ({ freshTill }: StandingSession, aheadMs = 0): boolean => freshTill.getTime() > clock.now() + aheadMs;

  async function renewed(session: string, found: StandingSession): Promise<StandingSession> {
    const hash = hashOf(session);
    const now = clock.now();
    if (!(await claimRenewal(db, hash, new Date(now), new Date(now + RENEWING_MS))))
      return isFresh(found) ? found : awaited(hash);
    // Another node may have renewed it between the look and the claim; its refresh token counts once.
    const latest = await standing(hash);
    if (isFresh(latest, AHEAD_MS)) {
      await freeRenewal(db, hash);
      return latest;
    }
    const issuer = issuers.get(latest.issuer);
    try {
      const { subject, sid, renewal } = latest;
      const gained =
        issuer && renewal
          ? await issuer.renew(unseal(session, renewal), { subject, sid: sid ?? undefined })
          : undefined;
      if (gained) return await kept(session, latest, gained);
    } catch (thrown) {
      if (!(thrown instanceof LockgateError) || thrown.code !== "SIGN_IN_REFUSED") {
        await freeRenewal(db, hash);
        if (isFresh(latest)) return latest;
        throw thrown;
      }
    }
    // Where the issuer renews nothing its word holds to its end, and no longer.
    if (latest.renewal === null && isFresh(latest)) return latest;
    await end(hash, "not-renewed");
    // The account may be closed: what goes on in their name stops as well.
    if (latest.renewal !== null) await colleagues.departed(latest.principal.id);
    throw new LockgateError("SESSION_ENDED");
  }

  async function kept(session: string, before: StandingSession, gained: SignedIn): Promise<StandingSession> {
    const now = standingOf(session, gained);
    const [was, is] = [before.principal.roles.join(" "), now.principal.roles.join(" ")];
    await db.transaction(async (tx) => {
      await keepRenewed(tx, hashOf(session), now);
      const { id: actor } = now.principal;
      if (was !== is) await note(tx, { name: "session.changed", outcome: "ok", actor, detail: { was, is } });
    });
    return { ...before, ...now };
  }

  /** What the node that renews makes of it. */
  async function awaited(hash: Buffer): Promise<StandingSession> {
    for (let waitedMs = 0; waitedMs < RENEWING_MS; waitedMs += LOOK_EVERY_MS) {
      await clock.sleep(LOOK_EVERY_MS);
      const found = await standing(hash);
      if (isFresh(found)) return found;
    }
    throw new LockgateError("IDENTITY_UNAVAILABLE", { at: "renewal" });
  }

  async function find(session: string): Promise<Standing> {
    const found = await standing(hashOf(session));
    const needsRenewal = !isFresh(found, found.renewal === null ? 0 : AHEAD_MS);
    const { principal, endsAt } = needsRenewal ? await renewed(session, found) : found;
    const locksAt = new Date(Math.min(clock.now() + settings.idleMs, endsAt.getTime()));
    return { principal, csrfToken: csrfTokenOf(session), locksAt, endsAt };
  }

  return {
    find,
    async look(session) {
      const found = await readSession(db, hashOf(session));
      const now = clock.now();
      const isUp = found && found.endsAt.getTime() > now && now - found.lastSeenAt.getTime() <= settings.idleMs;
      return isUp && isFresh(found) ? found.principal : undefined;
    },
    async depart(name, returnTo) {
      const issuer = name === undefined ? options.issuers[0] : issuers.get(name);
      if (!issuer) throw new LockgateError("SIGN_IN_UNKNOWN");
      const [state, nonce, verifier, browser] = [newSecret(), newSecret(), newSecret(), newSecret()];
      const url = await issuer.authorizationUrl({ state, nonce, verifier, redirectUri: redirectUri() });
      const now = clock.now();
      const expiresAt = new Date(now + SIGN_IN_MS);
      const signIn = { issuer: issuer.name, browser: hashOf(browser), nonce, verifier, returnTo, expiresAt };
      await insertSignIn(db, hashOf(state), signIn, new Date(now));
      return { url, browser };
    },
    arrive: (said) =>
      refusing(async () => {
        const { issuer, nonce, verifier, returnTo } = await signInOf(said);
        if (said.code === undefined) throw refused("no-code");
        const question = { state: said.state, nonce, verifier, redirectUri: redirectUri() };
        const signedIn = await issuer.redeem(said.code, question);
        return { session: await begin(issuer.name, signedIn, said.before), returnTo };
      }),
    async admit(session, method, csrfToken) {
      const { principal, csrfToken: right } = await find(session);
      if (UNSAFE.test(method) && !(typeof csrfToken === "string" && isSame(csrfToken, right)))
        throw new LockgateError("CSRF_REFUSED");
      return principal;
    },
    async signOut(session) {
      const found = await readSession(db, hashOf(session));
      await end(hashOf(session), "signed-out");
      // The issuer may be away; our own session is over all the same.
      return (
        found &&
        issuers
          .get(found.issuer)
          ?.endSessionUrl(`${origin()}/`)
          .catch(() => undefined)
      );
    },
    async backChannel(token) {
      for (const issuer of options.issuers) {
        const logout = await issuer.readLogout(token);
        if (!logout) continue;
        const { jti, subject, sid, expiresAt } = logout;
        const now = new Date(clock.now());
        const isFirst = await db.transaction(async (tx) => {
          if (!(await useLogoutToken(tx, issuer.name, jti, { expiresAt, now }))) return false;
          for (const { actor } of await deleteSessionsOf(tx, issuer.name, { subject, sid }))
            await ended(tx, actor, "back-channel");
          return true;
        });
        if (isFirst) return;
      }
      throw new LockgateError("REQUEST_INVALID", { at: "logout_token" });
    },
  };
}

const refused = (reason: string): LockgateError => new LockgateError("SIGN_IN_REFUSED", { reason });
