// Nodes that share buckets, without a database: what the statement does, in memory, on a clock that the test moves.

import type { Clock } from "#kernel/clock";
import type { Ask, Grant } from "../../../src/gateway/throttle/store.ts";

const DAY_MS = 86_400_000;

type Row = { emptyAtMs: number; day: number; used: number };

/** Does what `throttle.lease` does; the two are held to each other by a test. */
export function memoryStore(now: () => number) {
  const rows = new Map<string, Row>();
  const told = { statements: 0 };
  const grantOf = (ask: Ask): Grant => {
    const nowMs = now();
    const key = `${ask.product} ${ask.subject}`;
    const row = rows.get(key) ?? { emptyAtMs: Number.NEGATIVE_INFINITY, day: Number.NEGATIVE_INFINITY, used: 0 };
    rows.set(key, row);
    const today = Math.floor(nowMs / DAY_MS);
    if (row.day < today) Object.assign(row, { day: today, used: 0 });
    row.emptyAtMs = Math.max(row.emptyAtMs, nowMs - ask.depthMs);
    if (ask.settled > 0) {
      row.emptyAtMs += ask.settled * ask.spacingMs;
      row.used += ask.settled;
    } else if (ask.day === dayText(row.day)) row.used = Math.max(0, row.used + ask.settled);
    row.emptyAtMs = Math.min(row.emptyAtMs, nowMs + ask.depthMs);
    const level = (nowMs - row.emptyAtMs) / ask.spacingMs;
    const granted = Math.max(0, Math.min(ask.wanted, Math.floor(level), ask.perDay - row.used));
    row.used += granted;
    row.emptyAtMs += granted * ask.spacingMs;
    return {
      granted,
      rateLeft: Math.max(0, Math.floor(level - granted)),
      dayLeft: Math.max(0, ask.perDay - row.used),
      dueMs: Math.max(0, (1 - (level - granted)) * ask.spacingMs),
      today: dayText(row.day),
      dayLeftMs: (row.day + 1) * DAY_MS - nowMs,
    };
  };
  return {
    told,
    ask: async (asks: readonly Ask[]): Promise<Grant[]> => {
      told.statements += 1;
      return asks.map(grantOf);
    },
  };
}

const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** A clock that the test sets; sleeping lets time pass for whoever sleeps only once the test has moved it. */
export function steppedClock(startMs: number): Clock & { set(ms: number): Promise<void> } {
  let nowMs = startMs;
  let sleepers: { atMs: number; wake: () => void }[] = [];
  /** Whatever follows from what happened is over. */
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
  };
  return {
    now: () => nowMs,
    sleep: (ms) => new Promise((resolve) => sleepers.push({ atMs: nowMs + ms, wake: resolve })),
    async set(ms) {
      await settled();
      while (true) {
        const due = sleepers.filter(({ atMs }) => atMs <= ms).toSorted((one, other) => one.atMs - other.atMs)[0];
        if (!due) break;
        sleepers = sleepers.filter((one) => one !== due);
        nowMs = Math.max(nowMs, due.atMs);
        due.wake();
        await settled();
      }
      nowMs = ms;
    },
  };
}
