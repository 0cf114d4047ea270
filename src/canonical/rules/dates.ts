// Dates of birth and death: whole or partial, in the calendar, and within a human life.

import type { ReasonCode } from "#canonical/model";
import { type Judgement, notTaken, taken } from "./judgement.ts";

const firstBirthDate = "1900-01-01";
const unlikelyAgeYears = 120;
const greatestAgeYears = 130;

// ISO 8601 (`1980`, `1980-05`, `1980-05-01`, with or without a time) and HL7 (`198005011230+0100`).
const isoForm = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?)?)?)?$/;
const hl7Form =
  /^([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:[0-9]{2}(?:[0-9]{2}){0,2}(?:\.[0-9]+)?)?)?)?(?:[+-][0-9]{4})?$/;

/** The date part of an ISO or HL7 text, as written (never moved by its time zone); `undefined` if it is no date. */
export function readDate(text: string): string | undefined {
  const trimmed = text.trim();
  const [, year, month, day] = isoForm.exec(trimmed) ?? hl7Form.exec(trimmed) ?? [];
  if (year === undefined || year === "0000") return undefined;
  if (month === undefined) return year;
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  if (day === undefined) return `${year}-${month}`;
  const isDay = Number(day) >= 1 && Number(day) <= daysInMonth(Number(year), Number(month));
  return isDay ? `${year}-${month}-${day}` : undefined;
}

/** The days of a month, 1 to 12, in the Gregorian calendar. */
export function daysInMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}

/** Whether `date` is later than `other`; of partial dates only the parts both have count. */
export function isAfter(date: string, other: string): boolean {
  const length = Math.min(date.length, other.length);
  return date.slice(0, length) > other.slice(0, length);
}

/** Judges a birth date as sent against today's date. */
export function judgeBirthDate(text: string, today: string): Judgement<string> {
  const date = readDate(text);
  if (date === undefined) return notTaken("DQ-DOB-002");
  if (isAfter(date, today)) return notTaken("DQ-DOB-003");
  if (isAfter(firstBirthDate, date) || isAfter(yearsBefore(today, greatestAgeYears), date))
    return notTaken("DQ-DOB-004");
  const codes: ReasonCode[] = [];
  if (isAfter(yearsBefore(today, unlikelyAgeYears), date)) codes.push("DQ-DOB-005");
  if (date.endsWith("-01-01")) codes.push("DQ-DOB-006");
  if (date.length < 10) codes.push("DQ-DOB-007");
  return taken(date, ...codes);
}

/** Judges a death date as sent; a partial one is none. */
export function judgeDeathDate(text: string, today: string): Judgement<string> {
  const date = readDate(text);
  return date === undefined || date.length < 10 || isAfter(date, today) ? notTaken("DQ-DTH-002") : taken(date);
}

/**
 * The latest date that an instant has anywhere on earth (UTC+14). Births just after midnight are not yet
 * "today" in UTC, and the sender's zone may not be known.
 */
export const latestDateOf = (instant: string): string =>
  new Date(Date.parse(instant) + 14 * 3_600_000).toISOString().slice(0, 10);

const yearsBefore = (today: string, years: number): string =>
  `${String(Number(today.slice(0, 4)) - years).padStart(4, "0")}${today.slice(4)}`;

/** Swedish dates are ISO dates. */
const londonDates = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/London" });

/** London's clock has never differed from UTC by anything but a multiple of this, in milliseconds. */
const LONDON_GRAIN_MS = 15_000;
let lately = { grain: Number.NaN, date: "" };

/** The calendar date of an instant where the hospital is, as an ISO date. Most ask of the same moment: now. */
export function dateInLondon(instant: Date): string {
  const grain = Math.floor(instant.getTime() / LONDON_GRAIN_MS);
  if (grain !== lately.grain) lately = { grain, date: londonDates.format(instant) };
  return lately.date;
}
