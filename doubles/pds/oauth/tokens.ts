// Access tokens: those of applications and those of users, how long they live, and whose they are.

import { randomBytes } from "node:crypto";

/** On whose behalf a call is made. */
export interface Identity {
  /** API key of the application. */
  client: string;
  /** The healthcare worker that signed in; absent for the application itself. */
  user?: { roleId: string; organisation: string };
}

/** What a bearer token is worth. */
type Verdict = Identity | "missing" | "unknown" | "expired";

/** The tokens given out. They do not survive a restart of the service. */
export interface Tokens {
  issue(identity: Identity, lifetimeSeconds: number): string;
  /** Reads an `Authorization` header. */
  judge(authorization: string | undefined): Verdict;
  /** Ends the life of the token in an `Authorization` header. */
  expire(authorization: string | undefined): void;
  /** Notes the id of an assertion until it expires; false when it was there before. */
  isFirstUse(apiKey: string, jti: string, expiresAtMs: number): boolean;
  clear(): void;
}

/** How often what has expired is thrown away, in tokens given out. */
const sweepEvery = 256;

/** No tokens yet. */
export function createTokens(nowMs: () => number): Tokens {
  const lives = new Map<string, { identity: Identity; endsAtMs: number }>();
  const seen = new Map<string, number>();
  let issued = 0;

  const sweep = (): void => {
    // A token stays known for a while after its end, so that its holder hears "expired" and not "unknown".
    for (const [token, { endsAtMs }] of lives) if (endsAtMs + 3_600_000 < nowMs()) lives.delete(token);
    for (const [assertion, endsAtMs] of seen) if (endsAtMs < nowMs()) seen.delete(assertion);
  };
  const lifeOf = (authorization: string): { identity: Identity; endsAtMs: number } | undefined =>
    lives.get(authorization.replace(/^Bearer +/i, ""));

  return {
    issue: (identity, lifetimeSeconds) => {
      issued += 1;
      if (issued % sweepEvery === 0) sweep();
      const token = randomBytes(21).toString("base64url");
      lives.set(token, { identity, endsAtMs: nowMs() + lifetimeSeconds * 1000 });
      return token;
    },
    judge: (authorization) => {
      if (authorization === undefined || !/^Bearer +\S/i.test(authorization)) return "missing";
      const life = lifeOf(authorization);
      if (!life) return "unknown";
      return life.endsAtMs > nowMs() ? life.identity : "expired";
    },
    expire: (authorization) => {
      const life = lifeOf(authorization ?? "");
      if (life) life.endsAtMs = nowMs();
    },
    isFirstUse: (apiKey, jti, expiresAtMs) => {
      const assertion = `${apiKey} ${jti}`;
      if (seen.has(assertion)) return false;
      seen.set(assertion, expiresAtMs);
      return true;
    },
    clear: () => {
      lives.clear();
      seen.clear();
    },
  };
}
