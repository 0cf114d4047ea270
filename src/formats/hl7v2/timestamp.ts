// Reads HL7 timestamps (TS, DTM) to the precision they were written with, and as instants.
//
// HL7 v2.8, 2A.3.22: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ].

import { LockgateError } from "#kernel/errors";

/** What the last digit written stands for. */
export type Precision = "year" | "month" | "day" | "hour" | "minute" | "second" | "fraction";

/** A timestamp as written, nothing added but the minutes ISO 8601 needs after an hour. */
export type Timestamp = {
  /** ISO 8601 with the same precision; the offset follows a time, `2026-03-29T01:30+01:00`. */
  readonly iso: string;
  readonly precision: Precision;
  /** `+01:00`; absent when the timestamp is local. */
  readonly offset?: string;
};

const form =
  /^([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:\.([0-9]{1,4}))?)?)?)?)?)?(?:([+-])([0-9]{2})([0-9]{2}))?$/;
const precisions: readonly Precision[] = ["year", "month", "day", "hour", "minute", "second", "fraction"];
const dayMs = 86_400_000;

type Parts = {
  readonly digits: readonly string[];
  readonly offset: string | undefined;
  /** The clock's reading as if it were UTC, in epoch milliseconds. */
  readonly clockMs: number;
  readonly offsetMs: number;
};

function partsOf(text: string): Parts | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const digits = match.slice(1, 8).filter((part) => part !== undefined);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = digits.map(Number);
  const milliseconds = Number((digits[6] ?? "").padEnd(3, "0").slice(0, 3));
  if (year < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const clockMs = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
  const [sign, hours, minutes] = [match[8], match[9], match[10]];
  if (sign === undefined) return { digits, offset: undefined, clockMs, offsetMs: 0 };
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return { digits, offset: `${sign}${hours}:${minutes}`, clockMs, offsetMs };
}

/** The timestamp that `text` says, or `undefined` when it is of another form or no such date or time exists. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const parts = partsOf(text);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute = "00", second, fraction] = parts.digits;
  const date = [year, month, day].filter((part) => part !== undefined).join("-");
  const seconds = second === undefined ? "" : `:${second}${fraction === undefined ? "" : `.${fraction}`}`;
  const time = hour === undefined ? "" : `T${hour}:${minute}${seconds}${parts.offset ?? ""}`;
  return {
    iso: date + time,
    precision: precisions[parts.digits.length - 1]!,
    ...(parts.offset === undefined ? {} : { offset: parts.offset }),
  };
}

/**
 * The first instant the timestamp covers, in epoch milliseconds; `undefined` when it is invalid. Without an offset it is the local time of
 * `zone` (IANA name): a time that the clocks skip in spring counts from before the change, one that they repeat in autumn
 * is the earlier. Throws `CONFIG_INVALID` for an unknown zone.
 */
export function timestampToInstant(text: string, zone = "Europe/London"): number | undefined {
  const parts = partsOf(text);
  if (parts === undefined) return undefined;
  if (parts.offset !== undefined) return parts.clockMs - parts.offsetMs;
  const clock = clockOf(zone);
  const before = zoneOffsetMs(clock, parts.clockMs - dayMs);
  const after = zoneOffsetMs(clock, parts.clockMs + dayMs);
  const early = parts.clockMs - before;
  if (before === after || zoneOffsetMs(clock, early) === before) return early;
  const late = parts.clockMs - after;
  return zoneOffsetMs(clock, late) === after ? late : early;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    try {
      clock = new Intl.DateTimeFormat("en-GB", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
    } catch (cause) {
      throw new LockgateError("CONFIG_INVALID", { at: "time zone", cause });
    }
    clocks.set(zone, clock);
  }
  return clock;
}

/** How far the zone's clock is ahead of UTC at an instant, in milliseconds. */
function zoneOffsetMs(clock: Intl.DateTimeFormat, instantMs: number): number {
  const wholeSecondMs = Math.floor(instantMs / 1000) * 1000;
  const parts = new Map(clock.formatToParts(wholeSecondMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const date = new Date(0);
  date.setUTCFullYear(part("year"), part("month") - 1, part("day"));
  return date.getTime() + ((part("hour") * 60 + part("minute")) * 60 + part("second")) * 1000 - wholeSecondMs;
}
