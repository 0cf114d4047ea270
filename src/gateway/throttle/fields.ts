// The fields RateLimit-Policy and RateLimit, as structured fields (draft-ietf-httpapi-ratelimit-headers-11).

import type { Bucket, Verdict } from "./leases.ts";
import type { Allowance } from "./settings.ts";

const DAY_S = 86_400;

const policies = new WeakMap<Allowance, string>();

/** What is allowed: `rate`, so many requests at once that come back within `w` seconds, and `day`. */
export function policyField(allowance: Allowance): string {
  let policy = policies.get(allowance);
  if (policy === undefined) {
    const { perSecond, burst, perDay } = allowance;
    policy = `"rate";q=${burst};w=${Math.ceil(burst / perSecond)}, "day";q=${perDay};w=${DAY_S}`;
    policies.set(allowance, policy);
  }
  return policy;
}

/** What is left of it: `r` requests, and no more within `t` seconds. A refusal leaves nothing till `Retry-After`. */
export function limitField(bucket: Bucket, verdict: Verdict, now: number): string {
  const { rate, day, dayEndMs } = bucket.left();
  const { perSecond, burst } = bucket.allowance;
  const waitS = verdict ? Math.ceil(verdict.retryAfterMs / 1_000) : 0;
  const dayS = Math.max(1, Math.ceil((dayEndMs - now) / 1_000));
  const quota = `"day";r=${verdict?.code === "QUOTA_EXCEEDED" ? 0 : day};t=${Math.min(dayS, DAY_S)}`;
  if (verdict?.code === "RATE_EXCEEDED") return `"rate";r=0;t=${waitS}, ${quota}`;
  return `"rate";r=${rate};t=${Math.max(1, Math.ceil((burst - rate) / perSecond))}, ${quota}`;
}
