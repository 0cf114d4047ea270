// How calls to other systems went on this node in the last minutes: a few figures for each system, kept in memory.

const MINUTE_MS = 60_000;
/** So far back figures go. */
const MINUTES = 5;

/** Calls to one system in the last five minutes. */
export type CallFigures = {
  readonly system: string;
  readonly calls: number;
  /** Those that the system answered by no answer, or by saying that it cannot. */
  readonly failed: number;
  /** In milliseconds, of all of them together. */
  readonly durationMs: number;
  readonly lastOkAt: Date | null;
  readonly lastFailedAt: Date | null;
  /** How the last that failed did. */
  readonly lastCode: string | null;
};

type Minute = { readonly minute: number; calls: number; failed: number; durationMs: number };
type Kept = {
  minutes: Minute[];
  lastOkAt: Date | null;
  lastFailedAt: Date | null;
  lastCode: string | null;
};

/** Systems are few, and there is one process to keep them for. */
const kept = new Map<string, Kept>();

/** Notes a call that ended at `nowMs`. @param failure why it failed; undefined: it did not */
export function noteCall(system: string, failure: string | undefined, durationMs: number, nowMs: number): void {
  const own = kept.get(system) ?? { minutes: [], lastOkAt: null, lastFailedAt: null, lastCode: null };
  kept.set(system, own);
  const minute = Math.floor(nowMs / MINUTE_MS);
  let current = own.minutes.at(-1);
  if (current?.minute !== minute) {
    current = { minute, calls: 0, failed: 0, durationMs: 0 };
    own.minutes = [...own.minutes.slice(1 - MINUTES), current];
  }
  current.calls += 1;
  current.durationMs += durationMs;
  if (failure === undefined) {
    own.lastOkAt = new Date(nowMs);
    return;
  }
  current.failed += 1;
  own.lastFailedAt = new Date(nowMs);
  own.lastCode = failure;
}

/** The figures of every system that was ever called. */
export function callFigures(nowMs: number): CallFigures[] {
  const oldest = Math.floor(nowMs / MINUTE_MS) - MINUTES;
  return [...kept].map(([system, { minutes, ...last }]) => {
    const recent = minutes.filter(({ minute }) => minute > oldest);
    const sum = (of: "calls" | "failed" | "durationMs"): number => recent.reduce((all, one) => all + one[of], 0);
    return { system, calls: sum("calls"), failed: sum("failed"), durationMs: Math.round(sum("durationMs")), ...last };
  });
}
