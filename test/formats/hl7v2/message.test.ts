// Parsing, reading and editing messages by path: delimiters, levels, repetitions, nulls, Z-segments, line ends, refusals.

import { describe, expect, it } from "vitest";
import { parse, write } from "#formats/hl7v2";
import { codeOf, errorOf } from "./fault.ts";

const admit = [
  "MSH|^~\\&|PAS|RX9^1.2.3^ISO|HUB||20260414||ADT^A31^ADT_A05|M1|P|2.5.1",
  'PID|1||999^^^NHS&2.16&ISO^NH~X1^^^RX9^MR||EXAMPLE^JORDAN^""||19610306|""|||a\\S\\b^c\\T\\d',
  "OBX|1|ST|A||one",
  "OBX|2|ST|B||two~three",
  "ZPI|1|local|Y\\F\\N|x&y",
  "",
].join("\r");

describe("reading by path", () => {
  it.each([
    ["MSH-1", "|"],
    ["MSH-2", "^~\\&"],
    ["MSH-2.1", "^~\\&"],
    ["MSH-2.2", undefined],
    ["MSH-3", "PAS"],
    ["MSH-4.2", "1.2.3"],
    ["MSH-9", "ADT^A31^ADT_A05"],
    ["MSH-9.1", "ADT"],
    ["MSH-9.3", "ADT_A05"],
    ["MSH-18", undefined],
    ["PID-1", "1"],
    ["PID-1.1.1", "1"],
    ["PID-2", undefined],
    ["PID-3", "999^^^NHS&2.16&ISO^NH"],
    ["PID-3.1", "999"],
    ["PID-3[1].4.2", "2.16"],
    ["PID-3[2].5", "MR"],
    ["PID-3[2].4", "RX9"],
    ["PID-3[3].1", undefined],
    ["PID-5.3", ""],
    ["PID-5.4", undefined],
    ["PID-8", ""],
    ["PID-8.2", ""],
    ["PID-11.1", "a^b"],
    ["PID-11.2", "c&d"],
    ["PID-30", undefined],
    ["OBX-5", "one"],
    ["OBX[2]-5", "two"],
    ["OBX[2]-5[2]", "three"],
    ["OBX[3]-5", undefined],
    ["ZPI-3", "Y|N"],
    ["ZPI-4", "x&y"],
    ["ZPI-4.1.2", "y"],
    ["ZZZ-1", undefined],
  ])("gives %s as %j", (path, expected) => {
    expect(parse(admit).get(path)).toBe(expected);
  });

  it.each([
    ["PID-3.1", ["999", "X1"]],
    ["PID-3[2].1", ["X1"]],
    ["PID-3[9].1", []],
    ["OBX-5", ["one", "two", "three"]],
    ["OBX[2]-5", ["two", "three"]],
    ["OBX[7]-5", []],
    ["PID-8", [""]],
    ["MSH-2", ["^~\\&"]],
    ["MSH-1.2", []],
  ])("gives every %s as %j", (path, expected) => {
    expect(parse(admit).all(path)).toEqual(expected);
  });

  it.each([
    ["PID-8", true],
    ["PID-8.2", true],
    ["PID-5.3", true],
    ["PID-5.2", false],
    ["PID-2", false],
    ["PID-40", false],
  ])("says of %s that it is null: %j", (path, expected) => {
    expect(parse(admit).isNull(path)).toBe(expected);
  });

  it("counts segments and repetitions", () => {
    const message = parse(admit);
    expect([message.count("OBX"), message.count("NTE")]).toEqual([2, 0]);
    const paths = ["PID-3", "PID-1", "PID-2", "OBX[2]-5", "OBX[3]-5", "MSH-2", "MSH-1"];
    expect(paths.map((path) => message.repetitions(path))).toEqual([2, 1, 0, 2, 0, 1, 1]);
  });

  it("shows the segments in order with their occurrence and text", () => {
    const { segments } = parse(admit);
    expect(segments.map(({ name, occurrence }) => `${name}${occurrence}`)).toEqual([
      "MSH1",
      "PID1",
      "OBX1",
      "OBX2",
      "ZPI1",
    ]);
    expect(segments[2]!.text).toBe("OBX|1|ST|A||one");
  });

  it.each([
    "",
    "PID",
    "PID-0",
    "PID-",
    "pid-3",
    "PID-3.",
    "PID-3[0]",
    "PID-3.1.1.1",
    "PID-3[1",
    "PID-3-1",
    " PID-3",
    "PID-1000",
  ])("refuses the path %j", (path) => {
    expect(codeOf(() => parse(admit).get(path))).toBe("HL7_BAD_PATH");
  });
});

describe("delimiters", () => {
  it.each([
    ["MSH|^~\\&|A", "A"],
    ["MSH!@#%*!A", "A"],
    ["MSH|^~|A", "A"],
    ["MSH|^~\\|A", "A"],
    ["MSH|^~\\&#|A", "A"],
    ["MSH:^~\\&:A", "A"],
  ])("takes those of %j", (text, application) => {
    expect(parse(text).get("MSH-3")).toBe(application);
  });

  it.each([
    ["MSH", "MSH-1"],
    ["MSH\rPID|1", "MSH-1"],
    ["MSHA^~\\&AB", "MSH-1"],
    ["MSH ^~\\& A", "MSH-1"],
    ["MSH|", "MSH-2"],
    ["MSH||A", "MSH-2"],
    ["MSH|^|A", "MSH-2"],
    ["MSH|^~\\\\&|A", "MSH-2"],
    ["MSH|^^\\&|A", "MSH-2"],
    ["MSH|^~\\&#+|A", "MSH-2"],
    ["MSH|^~a&|A", "MSH-2"],
    ['MSH|^~"&|A', "MSH-2"],
    ["MSH|^~\\ |A", "MSH-2"],
  ])("refuses those of %j at %s", (text, at) => {
    expect(errorOf(() => parse(text))).toEqual({ code: "HL7_BAD_DELIMITERS", at });
  });

  it("splits by the delimiters of the message and no others", () => {
    const message = parse("MSH!@#%*!A@|B\rPID!1!!x@y*z#w@v!^~\\&\r");
    expect(message.get("MSH-3.2")).toBe("|B");
    expect(message.get("PID-3[1].2.2")).toBe("z");
    expect(message.get("PID-3[2].2")).toBe("v");
    expect(message.get("PID-4")).toBe("^~\\&");
  });

  it("has no subcomponents where the message declares no delimiter for them", () => {
    const message = parse("MSH|^~\\|A\rPID|1||x&y\r");
    expect([message.get("PID-3.1.1"), message.get("PID-3.1.2")]).toEqual(["x&y", undefined]);
    expect(codeOf(() => message.set("PID-3.1.2", "z"))).toBe("HL7_BAD_DELIMITERS");
    expect(codeOf(() => parse("MSH|^~|A\rPID|1").set("PID-2", "a|b"))).toBe("HL7_BAD_DELIMITERS");
  });
});

describe("refusals", () => {
  it.each([
    ["", "HL7_EMPTY", undefined],
    [" \r\n\t ", "HL7_EMPTY", undefined],
    ["PID|1", "HL7_NO_HEADER", "segment 1"],
    ["FHS|^~\\&|A\r", "HL7_NO_HEADER", "segment 1"],
    ["msh|^~\\&|A", "HL7_NO_HEADER", "segment 1"],
    ["MSH|^~\\&|A\rPIDX|1", "HL7_BAD_SEGMENT_NAME", "segment 2"],
    ["MSH|^~\\&|A\rPV|1\rPID|1", "HL7_BAD_SEGMENT_NAME", "segment 2"],
    ["MSH|^~\\&|A\r\n\r\nPID|1\r\n1ID|1", "HL7_BAD_SEGMENT_NAME", "segment 3"],
    ["MSH|^~\\&|A\nPID|1\n continued", "HL7_BAD_SEGMENT_NAME", "segment 3"],
    ["MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B", "HL7_BAD_BATCH", "segment 3"],
    ["MSH|^~\\&|A\rPID|1\rBTS|1", "HL7_BAD_BATCH", "segment 3"],
    ["MSH|^~\\&|A|||||||||||||||KLINGON", "HL7_BAD_CHARSET", "MSH-18"],
  ])("answers %j with %s", (text, code, at) => {
    expect(errorOf(() => parse(Buffer.from(text)))).toEqual({ code, at });
  });
});

describe("writing", () => {
  it.each([
    "MSH|^~\\&|A",
    "MSH|^~\\&|A\r",
    "MSH|^~\\&|A\rPID|1\rPV1\r",
    "MSH|^~\\&|A\nPID|1\n",
    "MSH|^~\\&|A\r\nPID|1\r\n\r\nPV1|1",
    "MSH|^~\\&|A\rPID|1\nPV1|1\r\nOBX|1\n\r\r\n",
    "\r\n  MSH|^~\\&|A\rPID|1\r \t\r",
    "\ufeffMSH|^~\\&|A\nPID|1",
    "MSH|^~\\&|A\rPID|\\Q\\|\\unclosed|\\Cxx\\|~~^^&&\r",
    "MSH|^~\\&|A\rOBX|1|TX|||line one\nline two\n\nline three|||F\rOBX|2\n",
  ])("gives %j back byte for byte", (text) => {
    const bytes = Buffer.from(text);
    expect(write(parse(bytes))).toEqual(bytes);
  });

  it("keeps an LF inside a field of a message whose segments end with CR", () => {
    const message = parse("MSH|^~\\&|A\rOBX|1|TX|||line one\nline two\n\nthree|||F\nOBX|2\n");
    expect(message.get("OBX-5")).toBe("line one\nline two\n\nthree");
    expect(message.count("OBX")).toBe(2);
  });

  it.each([
    ["PID-5.2", "SAM", "PID|1||A^B~C||X^SAM"],
    ["PID-5.4.2", "S", "PID|1||A^B~C||X^^^&S"],
    ["PID-3[2].1", "D", "PID|1||A^B~D||X"],
    ["PID-3[4].2", "D", "PID|1||A^B~C~~^D||X"],
    ["PID-3", "D", "PID|1||D~C||X"],
    ["PID-8", "F", "PID|1||A^B~C||X|||F"],
    ["PID-5", "", 'PID|1||A^B~C||""'],
    ["PID-5", null, "PID|1||A^B~C||"],
    ["PID-3.2", null, "PID|1||A^~C||X"],
    ["PID-30", null, "PID|1||A^B~C||X"],
    ["PID-3[9].4", null, "PID|1||A^B~C||X"],
    ["PID-5", "a|b^c~d&e\\f", "PID|1||A^B~C||a\\F\\b\\S\\c\\R\\d\\T\\e\\E\\f"],
    ["PID-5", "one\r\ntwo", "PID|1||A^B~C||one\\X0D\\\\X0A\\two"],
  ])("sets %s to %j and leaves the rest", (path, value, expected) => {
    const message = parse("MSH|^~\\&|A\r\nPID|1||A^B~C||X\r\nZZZ|\\Q\\\r\n");
    message.set(path, value);
    expect(write(message).toString()).toBe(`MSH|^~\\&|A\r\n${expected}\r\nZZZ|\\Q\\\r\n`);
  });

  it("sets fields of MSH by their HL7 numbers", () => {
    const message = parse("MSH|^~\\&|A\rPID|1");
    message.set("MSH-5", "NAV");
    message.set("MSH-9.2", "A08");
    expect(write(message).toString()).toBe("MSH|^~\\&|A||NAV||||^A08\rPID|1");
  });

  it.each([
    ["MSH|^~\\&|A\r\nPID|1\r\n", "MSH|^~\\&|A\r\nPID|1\r\nZPI|||x\r\nZPI|y\r\n"],
    ["MSH|^~\\&|A", "MSH|^~\\&|A\rZPI|||x\rZPI|y"],
    ["MSH|^~\\&|A\nPID|1", "MSH|^~\\&|A\nPID|1\nZPI|||x\nZPI|y"],
  ])("appends the next segment of a name to %j", (text, expected) => {
    const message = parse(text);
    message.set("ZPI-3", "x");
    message.set("ZPI[2]-1", "y");
    expect([message.get("ZPI-3"), message.get("ZPI[2]-1"), message.count("ZPI")]).toEqual(["x", "y", 2]);
    expect(write(message).toString()).toBe(expected);
  });

  it.each(["ZPI[2]-1", "MSH[2]-3", "MSH-1", "MSH-2", "BTS-1"])("refuses to set %s", (path) => {
    const message = parse("MSH|^~\\&|A");
    expect(codeOf(() => message.set(path, "x"))).toBe("HL7_BAD_PATH");
    expect(write(message).toString()).toBe("MSH|^~\\&|A");
  });

  it("carries formatting commands from one field to another", () => {
    const message = parse("MSH|^~\\&|A\rOBX|1|FT|||\\H\\bold\\N\\\\.br\\next \\T\\ last\rNTE|1");
    message.set("NTE-3", message.get("OBX-5") ?? null);
    expect(message.segments.at(-1)?.text).toBe("NTE|1||\\H\\bold\\N\\\\.br\\next \\T\\ last");
  });
});
