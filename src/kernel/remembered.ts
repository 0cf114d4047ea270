// Answers that many ask for at one time: worked out once, and told to all for a while.

/**
 * Whoever asks for a key while its answer is being worked out, or within `forMs` milliseconds after, gets that answer; with 0 only
 * the former. One that fails is told to those who wait for it and to nobody after.
 */
export function remembered<T>(forMs: number, nowMs: () => number): (key: string, work: () => Promise<T>) => Promise<T> {
  const known = new Map<string, { tillMs: number; readonly answer: Promise<T> }>();
  return (key, work) => {
    const now = nowMs();
    for (const [old, { tillMs }] of known) if (tillMs <= now) known.delete(old);
    const had = known.get(key);
    if (had) return had.answer;
    const one = { tillMs: Number.POSITIVE_INFINITY, answer: work() };
    known.set(key, one);
    one.answer.then(
      () => {
        one.tillMs = nowMs() + forMs;
      },
      () => known.delete(key),
    );
    return one.answer;
  };
}
