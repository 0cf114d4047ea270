// Birth dates compared: the same, or how one could have become the other.

import type { BirthDateLevel } from "./levels.ts";
import { areDigitsOneEditApart } from "./similarity.ts";

/** From so many years on, a date that is otherwise like the other is rather a parent's or a child's. */
const generationYears = 14;
/** Before the eight digits of a date, so that years before 1000 keep their zeros. */
const leadingOne = 1_0000_00_00;

/** The level of two birth dates, as `DateForm.number` has them; either may be partial, or 0 for none. */
export function compareBirthDates(a: number, b: number): BirthDateLevel {
  if (a === 0 || b === 0) return "missing";
  const [day, otherDay] = [a % 100, b % 100];
  const [month, otherMonth] = [Math.trunc(a / 100) % 100, Math.trunc(b / 100) % 100];
  const [year, otherYear] = [Math.trunc(a / 10_000), Math.trunc(b / 10_000)];
  if (day === 0 || otherDay === 0) {
    if (year !== otherYear) return "differs";
    return month === otherMonth || month === 0 || otherMonth === 0 ? "partial" : "year";
  }
  if (a === b) return day === 1 && month === 1 ? "default" : "same";
  if (year === otherYear && month === otherDay && day === otherMonth) return "swapped";
  const agreeing = Number(year === otherYear) + Number(month === otherMonth) + Number(day === otherDay);
  // One digit is wrong, or two that follow one another are swapped.
  const isSlip = areDigitsOneEditApart(leadingOne + a, leadingOne + b, 10);
  if (isSlip || agreeing === 2) {
    const isGeneration = Math.abs(year - otherYear) >= generationYears;
    return isGeneration ? "generation" : isSlip ? "digit" : "parts";
  }
  return year === otherYear ? "year" : "differs";
}
