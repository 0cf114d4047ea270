// What two texts share line by line: nothing is lost, and what is shown as kept stands in both.

import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf } from "../../console/src/pages/channels/lines.ts";

const text = fc
  .array(fc.constantFrom("a", "b", "c", "  d", ""), { maxLength: 12 })
  .map((lines) => [...lines, "end"].join("\n"));
const joined = (lines: readonly { text: string; sign: string }[], signs: string): string =>
  lines
    .filter(({ sign }) => signs.includes(sign))
    .map((line) => line.text)
    .join("\n");

test("either text comes back whole from what is kept, gained and lost", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = linesOf(before, after);
      expect(joined(lines, " -")).toBe(before);
      expect(joined(lines, " +")).toBe(after);
    }),
  );
});

test("a text beside itself is kept line by line, and one changed line is one lost and one gained", () => {
  expect(linesOf("a\nb\nc", "a\nb\nc").map(({ sign }) => sign)).toEqual([" ", " ", " "]);
  expect(linesOf("a\nb\nc", "a\nx\nc")).toEqual([
    { text: "a", sign: " " },
    { text: "b", sign: "-" },
    { text: "x", sign: "+" },
    { text: "c", sign: " " },
  ]);
});
