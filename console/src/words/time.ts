// Instants as people in a UK hospital read them: London's time, with UTC for whoever compares with a log.

const london = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });

/** `21 Nov 2026, 09:14:03`, London's time. */
export const inLondon = (instant: string | Date): string => london.format(new Date(instant));

/** `2026-11-21T09:14:03.120Z`. */
export const inUtc = (instant: string | Date): string => new Date(instant).toISOString();

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** How far an instant lies from `now`: `3 minutes ago`, `in 2 days`. */
export function fromNow(instant: string | Date, now = Date.now()): string {
  const distance = new Date(instant).getTime() - now;
  const [unit, length] = units.find(([, one]) => Math.abs(distance) >= one) ?? ["second", 1_000];
  return relative.format(Math.round(distance / length), unit);
}

/** A length of time in its two largest parts: `2 d 4 h`, `3.2 s`, `40 ms`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1).replace(/\.0$/, "")} s`;
  const parts = [
    [Math.floor(ms / 86_400_000), "d"],
    [Math.floor(ms / 3_600_000) % 24, "h"],
    [Math.floor(ms / 60_000) % 60, "min"],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

const hourInLondon = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "2-digit", hourCycle: "h23" });
const HOUR_MS = 3_600_000;

/** When a day of London's begins and ends: `2026-03-29` has 23 hours. */
export function londonDay(day: string): { readonly since: Date; readonly until: Date } {
  const beginning = (midnight: number): Date => {
    const isSummer = hourInLondon.format(midnight - HOUR_MS) === "00";
    return new Date(isSummer ? midnight - HOUR_MS : midnight);
  };
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return { since: beginning(midnight), until: beginning(midnight + 24 * HOUR_MS) };
}
