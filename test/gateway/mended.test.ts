// A message mended as text: what was hidden is put back where it stood and nowhere else, and every difference is told by its path.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LockgateError } from "#kernel/errors";
import { changedFields, mendedMessage, restore } from "../../src/gateway/mended.ts";
import { HL7, withoutWhereabouts } from "../../src/gateway/withhold.ts";

const MSH = "MSH|^~\\&|PAS|RXX|HUB|RXX|20260105093000||ADT^A31|C1|P|2.5.1";
const PID = "PID|1||M1^^^RXX^MR||Ashdown^Ada||19801402|F||W|1 Hidden Row^^Town^^ZZ99 3VZ||01632960001";
const ORIGINAL = `${MSH}\r${PID}\rNK1|1|Ashdown^Bo\rNK1|2|Ashdown^Cy\r`;
const letter = (text = ORIGINAL, source = { processingId: "P" }) => ({
  body: Buffer.from(text),
  contentType: HL7,
  source,
});
const shown = withoutWhereabouts(Buffer.from(ORIGINAL), HL7).body.toString();

const refusal = (work: () => unknown): [string, string | undefined] => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof LockgateError) return [thrown.code, thrown.at];
    throw thrown;
  }
  throw new Error("nothing was refused");
};

describe("a text that was mended without seeing all of it", () => {
  test("becomes the original with the one field that was changed, whatever ends its lines", () => {
    for (const end of ["\r", "\n", "\r\n"]) {
      const text = shown.replace("19801402", "19800214").replaceAll("\r", end);
      const { body, fields } = mendedMessage(letter(), text);
      expect(body.toString()).toBe(ORIGINAL.replace("19801402", "19800214"));
      expect(fields).toEqual(["PID-7"]);
    }
  });

  test.each([
    [
      "in a field that was shown",
      (text: string) => text.replace("Ashdown^Ada", "•••"),
      ["RESUBMISSION_HIDDEN", undefined],
    ],
    [
      "with something written to it",
      (text: string) => text.replace("NK1|•••|•••", "NK1|•••|••• x"),
      ["RESUBMISSION_HIDDEN", "NK1-2"],
    ],
    [
      "moved to a field that there was not",
      (text: string) => text.replace("19801402|F", "19801402|F|||||||||•••"),
      ["RESUBMISSION_HIDDEN", "PID-17"],
    ],
    [
      "in a segment of which there is one more now",
      (text: string) => `${text}NK1|•••|•••\r`,
      ["RESUBMISSION_HIDDEN", "NK1-1"],
    ],
    [
      "in a segment of which there is one less now",
      (text: string) => text.replace("NK1|•••|•••\r", ""),
      ["RESUBMISSION_HIDDEN", "NK1-1"],
    ],
    ["under other delimiters", (text: string) => text.replaceAll("|", "#"), ["RESUBMISSION_HIDDEN", "MSH-1"]],
    ["in a line that is no segment", (text: string) => `${text}•••\r`, ["RESUBMISSION_HIDDEN", "line 5"]],
  ])("is refused by path where what is hidden stands %s", (_, change, expected) => {
    const changed = change(shown);
    expect(changed).not.toBe(shown);
    if (expected[1] === undefined) expect(restore(ORIGINAL, changed)).toContain("Ashdown^Ada");
    else expect(refusal(() => mendedMessage(letter(), changed))).toEqual(expected);
  });

  test("holds what the original held, wherever it was hidden and whatever else was written", () => {
    const value = fc.stringMatching(/^[A-Za-z0-9^ ]{0,8}$/);
    const segments = fc.array(fc.array(value, { minLength: 1, maxLength: 31 }), { minLength: 1, maxLength: 4 });
    const names = fc.constantFrom("PID", "NK1", "PV1", "ZZZ");
    fc.assert(
      fc.property(segments, names, value, (lines, name, written) => {
        const original = [MSH, ...lines.map((fields) => [name, ...fields].join("|"))].join("\r");
        const cut = withoutWhereabouts(Buffer.from(original), HL7).body.toString();
        expect(restore(original, cut)).toBe(original);
        const mended = cut.replace("PAS", written);
        expect(restore(original, mended)).toBe(original.replace("PAS", written));
      }),
    );
  });
});

describe("a mended message", () => {
  test.each([
    ["nothing was changed", letter(), ORIGINAL, ["REQUEST_INVALID", "text"]],
    ["its sender would be another", letter(), ORIGINAL.replace("PAS", "LAB"), ["RESUBMISSION_UNFIT", "MSH-3"]],
    [
      "its facility would be another",
      letter(),
      ORIGINAL.replace("|RXX|HUB", "|RYY|HUB"),
      ["RESUBMISSION_UNFIT", "MSH-4"],
    ],
    ["its version would be another", letter(), ORIGINAL.replace("2.5.1", "2.3"), ["RESUBMISSION_UNFIT", "MSH-12"]],
    [
      "it would be of another environment",
      letter(),
      ORIGINAL.replace("C1|P", "C1|T"),
      ["HL7_WRONG_PROCESSING_ID", "MSH-11"],
    ],
    ["it has no id", letter(), ORIGINAL.replace("C1|P", "|P"), ["HL7_REQUIRED_FIELD", "MSH-10"]],
    ["it has no header", letter(), PID, ["HL7_NO_HEADER", "segment 1"]],
    [
      "the original is no HL7 v2",
      { ...letter(), contentType: "text/plain" },
      ORIGINAL,
      ["RESUBMISSION_UNFIT", "content-type"],
    ],
    [
      "the original is no UTF-8",
      { ...letter(), body: Buffer.from(ORIGINAL.replace("Ada", "Ad\xe9"), "latin1") },
      ORIGINAL,
      ["RESUBMISSION_UNFIT", "MSH-18"],
    ],
    [
      "it holds what its character set does not",
      letter(ORIGINAL.replace("2.5.1", "2.5.1||||||8859/1")),
      ORIGINAL.replace("2.5.1", "2.5.1||||||8859/1").replace("Ada", "Adé"),
      ["RESUBMISSION_UNFIT", "MSH-18"],
    ],
  ])("is refused by code and path where %s", (_, original, text, expected) => {
    expect(refusal(() => mendedMessage(original, text))).toEqual(expected);
  });

  test("may mend a header that nobody could read", () => {
    const { body, fields } = mendedMessage(letter(`garbage${ORIGINAL.slice(3)}`), ORIGINAL);
    expect(body.toString()).toBe(ORIGINAL);
    expect(fields).toEqual(expect.arrayContaining(["line 1", "MSH"]));
  });
});

describe("differences", () => {
  test("name the field, which segment of its name, and segments that came or went", () => {
    const mended = ORIGINAL.replace("19801402", "19800214").replace("Ashdown^Cy", "Ashdown^Di").replace("PAS", "LAB");
    expect(changedFields(ORIGINAL, mended)).toEqual(["MSH-3", "PID-7", "NK1[2]-2"]);
    expect(changedFields(ORIGINAL, `${ORIGINAL}PV1|1\r`)).toEqual(["PV1"]);
    expect(changedFields(ORIGINAL, `${MSH}\r${PID}\r`)).toEqual(["NK1", "NK1[2]"]);
  });

  test("are told where there is any, never hold a value, and are as many from either side", () => {
    const line = fc
      .array(fc.constantFrom("", "a", "b"), { maxLength: 4 })
      .map((fields) => ["PID", ...fields].join("|"));
    const text = fc.array(line, { maxLength: 3 }).map((lines) => [MSH, ...lines].join("\r"));
    const normal = (message: string) => message.replaceAll(/\|+(?=\r|$)/g, "");
    fc.assert(
      fc.property(text, text, (one, other) => {
        const told = changedFields(one, other);
        expect(told.length).toBe(changedFields(other, one).length);
        expect(told.length > 0).toBe(normal(one) !== normal(other));
        for (const path of told) expect(path).toMatch(/^[A-Z]{3}(\[\d+\])?(-\d+)?$/);
      }),
    );
  });
});
