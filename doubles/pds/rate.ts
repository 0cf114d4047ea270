// The limit on how many calls an application may make in a second.

/** Whether an application's next call comes too soon; a call that does not is counted. */
export type RateLimit = (client: string, callsPerSecond: number | null) => boolean;

/** A limit over the last second, for each application by itself. */
export function createRateLimit(nowMs: () => number): RateLimit {
  const recent = new Map<string, number[]>();
  return (client, callsPerSecond) => {
    if (callsPerSecond === null) return false;
    const now = nowMs();
    const calls = recent.get(client) ?? [];
    while (calls[0] !== undefined && calls[0] <= now - 1000) calls.shift();
    recent.set(client, calls);
    if (calls.length >= callsPerSecond) return true;
    calls.push(now);
    return false;
  };
}
