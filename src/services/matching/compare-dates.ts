// Birth dates compared: the same, or how one could have become the other.

import type { BirthDateLevel } from "./levels.ts";
import type { DateForm } from "./types.ts";

/** From so many years on, a date that is otherwise like the other is rather a parent's or a child's. */
const generationYears = 14;

/** The level of two birth dates; either may be missing or partial. */
export function compareBirthDates(a: DateForm | undefined, b: DateForm | undefined): BirthDateLevel {
  if (!a || !b) return "missing";
  if (a.text === b.text && a.day) return a.day === "01" && a.month === "01" ? "default" : "same";
  if (!a.day || !b.day) return comparePartial(a, b);
  const isSlip = isDigitWrong(a.text, b.text);
  const agreeing = Number(a.year === b.year) + Number(a.month === b.month) + Number(a.day === b.day);
  if (a.year === b.year && a.month === b.day && a.day === b.month) return "swapped";
  if (isSlip || agreeing === 2) {
    const isGeneration = Math.abs(Number(a.year) - Number(b.year)) >= generationYears;
    return isGeneration ? "generation" : isSlip ? "digit" : "parts";
  }
  return a.year === b.year ? "year" : "differs";
}

const digitPlaces = [0, 1, 2, 3, 5, 6, 8, 9] as const;

/** Whether one digit of a whole date is wrong, or two that follow one another are swapped. */
function isDigitWrong(a: string, b: string): boolean {
  let [count, first, second] = [0, 0, 0];
  for (const place of digitPlaces) {
    if (a.charCodeAt(place) === b.charCodeAt(place)) continue;
    count += 1;
    if (count > 2) return false;
    if (count === 1) first = place;
    else second = place;
  }
  if (count !== 2) return count === 1;
  const areNeighbours = second - first === 1 || (second - first === 2 && a[first + 1] === "-");
  return areNeighbours && a[first] === b[second] && a[second] === b[first];
}

function comparePartial(a: DateForm, b: DateForm): BirthDateLevel {
  const length = Math.min(a.text.length, b.text.length);
  return a.text.slice(0, length) === b.text.slice(0, length) ? "partial" : a.year === b.year ? "year" : "differs";
}
