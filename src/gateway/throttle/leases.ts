// Leases: a node takes permits of a shared bucket a few at a time, spends them by itself, and gives back what it need not have taken.

import type { Clock } from "#kernel/clock";
import { type Allowance, LEASE_MS, type Product } from "./settings.ts";
import type { Ask, Grant } from "./store.ts";

/** Least time between two statements of a node, so that many buckets ask together. */
const GATHER_MS = 10;
/** A bucket that was found empty is not asked for sooner, however many come. */
const LEAST_EMPTY_MS = 50;
/** Whoever has waited so long for the database is judged without it. */
const MOST_WAIT_MS = 250;
/** How long the database is left alone after it failed. */
const TRY_AGAIN_MS = 250;
/** A node that cannot ask gives this part of the allowance: ten nodes then give no more than the whole. */
const LONE_SHARE = 0.1;
/** A quota that is used up is asked for again so often: others may have given some back. */
const QUOTA_AGAIN_MS = 1_000;
const IDLE_MS = 60_000;

/** Why a request may not be now. */
export type Refusal = { readonly code: "RATE_EXCEEDED" | "QUOTA_EXCEEDED"; readonly retryAfterMs: number };
export type Verdict = Refusal | undefined;

/** One subject's allowance of one product, as this node sees it. */
export type Bucket = {
  readonly product: Product;
  readonly subject: string;
  readonly allowance: Allowance;
  /** Takes a permit: at once where one is at hand. @returns the refusal, if it is one */
  take(): Verdict | Promise<Verdict>;
  /** What a client may count on: permits now, and for the rest of the day. */
  left(): { readonly rate: number; readonly day: number; readonly dayEndMs: number };
};

type Held = Bucket & {
  permits: number;
  /** When the lease ends, and its day. */
  tillMs: number;
  day: string | undefined;
  /** Permits of the last lease, and how many of them were spent. */
  granted: number;
  spent: number;
  settled: number;
  refused: Refusal["code"];
  refusedTillMs: number;
  rateLeft: number;
  dayLeft: number;
  dayEndMs: number;
  /** What may be given without the database, since when. */
  lone: number;
  loneAtMs: number;
  usedMs: number;
  waiting: ((verdict: Verdict) => void)[];
};

export type Leases = {
  bucket(product: Product, subject: string, allowance: Allowance): Bucket;
  /** Gives back what idle leases hold; to be called every `LEASE_MS`. */
  tend(): void;
  /** Gives everything back. */
  close(): Promise<void>;
};

/**
 * Leases of one node over what `ask` answers. Over any stretch of time, all nodes together let pass at most `perSecond`
 * requests for each second of it and `burst` more, and on one day at most `perDay`, as long as the database answers within
 * 250 ms. Where it does not, each node lets a tenth of the allowance pass; that counts once the database is back.
 */
export function openLeases(ask: (asks: readonly Ask[]) => Promise<readonly Grant[]>, clock: Clock): Leases {
  const buckets = new Map<string, Held>();
  const asking = new Set<Held>();
  let isAsking = false;
  /** The statement under way takes longer than anybody is to wait for it. */
  let isLate = false;
  let askedMs = Number.NEGATIVE_INFINITY;
  let brokenTillMs = Number.NEGATIVE_INFINITY;

  /** What a lease that has run out left over is given back with the next statement. */
  const endLease = (bucket: Held): void => {
    bucket.settled -= bucket.permits;
    bucket.permits = 0;
  };

  const fromShare = (bucket: Held, now: number): Verdict => {
    const { perSecond, burst } = bucket.allowance;
    const most = Math.max(1, burst * LONE_SHARE);
    const flowed = ((now - bucket.loneAtMs) / 1_000) * perSecond * LONE_SHARE;
    bucket.lone = Math.min(most, bucket.lone + flowed);
    bucket.loneAtMs = now;
    if (bucket.lone < 1)
      return { code: "RATE_EXCEEDED", retryAfterMs: ((1 - bucket.lone) * 1_000) / (perSecond * LONE_SHARE) };
    bucket.lone -= 1;
    bucket.settled += 1;
    return undefined;
  };

  const refusal = (bucket: Held, now: number): Refusal => ({
    code: bucket.refused,
    retryAfterMs: Math.max(1, (bucket.refused === "QUOTA_EXCEEDED" ? bucket.dayEndMs : bucket.refusedTillMs) - now),
  });

  const take = (bucket: Held): Verdict | Promise<Verdict> => {
    const now = clock.now();
    bucket.usedMs = now;
    if (bucket.permits > 0 && now < bucket.tillMs) {
      bucket.permits -= 1;
      bucket.spent += 1;
      return undefined;
    }
    if (bucket.permits > 0) endLease(bucket);
    if (now < bucket.refusedTillMs) return refusal(bucket, now);
    if (isLate || now < brokenTillMs) return fromShare(bucket, now);
    return new Promise((resolve) => {
      bucket.waiting.push(resolve);
      want(bucket);
    });
  };

  const want = (bucket: Held): void => {
    asking.add(bucket);
    if (!isAsking) void serve();
  };

  /** How many to ask for: twice as many as last time while all of them are spent, and no more than flow in during a lease. */
  const wanted = (bucket: Held, now: number): number => {
    const isBusy = now - bucket.tillMs < 4 * LEASE_MS;
    const ahead = isBusy ? (bucket.spent >= bucket.granted ? 2 * bucket.granted : bucket.spent) : 0;
    const slice = Math.ceil((bucket.allowance.perSecond * LEASE_MS) / 1_000);
    return Math.max(bucket.waiting.length, bucket.waiting.length > 0 ? Math.min(slice, ahead) : 0);
  };

  const serve = async (): Promise<void> => {
    isAsking = true;
    // Who asks in the same turn of the event loop is served by the same statement.
    await Promise.resolve();
    while (asking.size > 0) {
      const gatherForMs = askedMs + GATHER_MS - clock.now();
      if (gatherForMs > 0) await clock.sleep(gatherForMs);
      await serveOnce([...asking].toSorted(inOrder));
    }
    isAsking = false;
  };

  const serveOnce = async (all: readonly Held[]): Promise<void> => {
    askedMs = clock.now();
    asking.clear();
    const asks = all.map((bucket) => askOf(bucket, wanted(bucket, askedMs)));
    for (const bucket of all) bucket.settled = 0;
    const answered = new AbortController();
    void goOnWhenLate(all, answered.signal);
    try {
      const grants = await ask(asks);
      for (const [index, bucket] of all.entries()) settle(bucket, asks[index]!, grants[index]!, askedMs);
    } catch {
      brokenTillMs = clock.now() + TRY_AGAIN_MS;
      // Whether it happened is not known: what was spent is counted again, what was left over is not given back again.
      for (const [index, bucket] of all.entries()) bucket.settled += Math.max(0, asks[index]!.settled);
      goOnAlone(all);
    } finally {
      answered.abort();
      isLate = false;
    }
  };

  const goOnWhenLate = async (all: readonly Held[], answered: AbortSignal): Promise<void> => {
    await clock.sleep(MOST_WAIT_MS, answered);
    // A turn more: an answer that came while this process was busy itself is read first.
    await clock.sleep(0, answered);
    if (!answered.aborted) goOnAlone([...all, ...asking]);
  };

  const goOnAlone = (all: readonly Held[]): void => {
    isLate = true;
    const now = clock.now();
    for (const bucket of all) for (const resolve of bucket.waiting.splice(0)) resolve(fromShare(bucket, now));
  };

  const settle = (bucket: Held, asked: Ask, grant: Grant, sentMs: number): void => {
    const now = clock.now();
    const { granted, rateLeft, dayLeft, dayLeftMs, today } = grant;
    Object.assign(bucket, { rateLeft, dayLeft, dayEndMs: now + dayLeftMs });
    // It only gave something back. Whoever has come meanwhile is served by the next statement.
    if (asked.wanted === 0) {
      if (bucket.waiting.length > 0) want(bucket);
      return;
    }
    const served = Math.min(granted, bucket.waiting.length);
    // Counted from before the database did: never longer than it was granted for.
    const tillMs = sentMs + LEASE_MS;
    Object.assign(bucket, { permits: granted - served, granted, spent: served, tillMs, day: today });
    for (const resolve of bucket.waiting.splice(0, served)) resolve(undefined);
    if (granted === asked.wanted) return;
    // It is empty now. To ask for each permit as it comes would be a statement for each.
    const isQuota = dayLeft === 0;
    bucket.refused = isQuota ? "QUOTA_EXCEEDED" : "RATE_EXCEEDED";
    const emptyMs = isQuota ? Math.min(dayLeftMs, QUOTA_AGAIN_MS) : Math.max(grant.dueMs, LEAST_EMPTY_MS);
    bucket.refusedTillMs = now + emptyMs;
    for (const resolve of bucket.waiting.splice(0)) resolve(refusal(bucket, now));
  };

  return {
    bucket(product, subject, allowance) {
      const key = `${product} ${subject}`;
      const known = buckets.get(key);
      if (known) return known;
      const bucket = newBucket({ product, subject, allowance }, clock.now(), take);
      buckets.set(key, bucket);
      return bucket;
    },
    tend() {
      const now = clock.now();
      for (const [key, bucket] of buckets) {
        if (bucket.permits > 0 && now >= bucket.tillMs) endLease(bucket);
        if (bucket.settled !== 0 && now >= brokenTillMs) want(bucket);
        else if (bucket.settled === 0 && bucket.permits === 0 && now - bucket.usedMs > IDLE_MS) buckets.delete(key);
      }
    },
    async close() {
      const all = [...buckets.values()].toSorted(inOrder);
      for (const bucket of all) endLease(bucket);
      const owing = all.filter(({ settled }) => settled !== 0);
      if (owing.length > 0) await ask(owing.map((bucket) => askOf(bucket, 0))).catch(() => undefined);
      buckets.clear();
    },
  };
}

function newBucket(
  { product, subject, allowance }: Pick<Bucket, "product" | "subject" | "allowance">,
  now: number,
  take: (bucket: Held) => Verdict | Promise<Verdict>,
): Held {
  const bucket: Held = {
    product,
    subject,
    allowance,
    take: () => take(bucket),
    left: () => ({
      rate: bucket.permits + bucket.rateLeft,
      day: bucket.permits + bucket.dayLeft,
      dayEndMs: bucket.dayEndMs,
    }),
    permits: 0,
    tillMs: Number.NEGATIVE_INFINITY,
    day: undefined,
    granted: 0,
    spent: 0,
    settled: 0,
    refused: "RATE_EXCEEDED",
    refusedTillMs: Number.NEGATIVE_INFINITY,
    rateLeft: 0,
    dayLeft: 0,
    dayEndMs: now,
    lone: Math.max(1, allowance.burst * LONE_SHARE),
    loneAtMs: now,
    usedMs: now,
    waiting: [],
  };
  return bucket;
}

/** What a node asks of a bucket, by what is allowed and what flows in during a lease. */
function askOf({ product, subject, allowance, settled, day }: Held, wanted: number): Ask {
  const { perSecond, burst, perDay } = allowance;
  const spacingMs = 1_000 / perSecond;
  return { product, subject, wanted, settled, day, spacingMs, depthMs: burst * spacingMs - LEASE_MS, perDay };
}

const inOrder = (one: Bucket, other: Bucket): number =>
  order(one.product, other.product) || order(one.subject, other.subject);
const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
