// Batch files: split into exact slices, counted, refused when cut short, and joined again.

import { describe, expect, it } from "vitest";
import { isBatch, readBatch, writeBatch } from "#formats/hl7v2";
import { errorOf } from "./fault.ts";

const one = "MSH|^~\\&|A||||||ADT^A01|1\rPID|1\r";
const two = "MSH|^~\\&|A||||||ADT^A01|2\rPID|2\r";
const header = "BHS|^~\\&|PAS|RX9|HUB|SITE|20260414||NIGHTLY|COMMENT|B1\r";
const slicesOf = (text: string) =>
  readBatch(Buffer.from(text)).batches.map(({ messages }) =>
    messages.map((message) => Buffer.from(message).toString()),
  );

describe("readBatch", () => {
  it.each([
    [`FHS|^~\\&|A\r${header}${one}${two}BTS|2\rFTS|1\r`, [[one, two]]],
    [`FHS|^~\\&|A\r${header}${one}BTS|1\r${header}${two}BTS|1\rFTS|2\r`, [[one], [two]]],
    [`${header}${one}${two}BTS\r`, [[one, two]]],
    [`${header}BTS|0\r`, [[]]],
    [`FHS|^~\\&|A\r${one}${two}FTS\r`, [[one, two]]],
    [`FHS|^~\\&|A\r${one}${two}FTS|2\r`, [[one, two]]],
    [`FHS|^~\\&|A\r${one}${two}FTS|1\r`, [[one, two]]],
    [`FHS|^~\\&|A\r${one}${header}${two}BTS|1\rFTS|2`, [[one], [two]]],
    ["FHS|^~\\&|A\rFTS|0\r", []],
    [`${one}${two}`, [[one, two]]],
    [`\ufeff \r\n${header}${one}\r\n\r\nBTS|1|note\r\n`, [[`${one}\r\n\r\n`]]],
    ["BHS!@#%*!A\nMSH|^~\\&|A\nPID|MSHX\nBTS!1\n", [["MSH|^~\\&|A\nPID|MSHX\n"]]],
  ])("splits %j and writes it back byte for byte", (text, expected) => {
    expect(slicesOf(text)).toEqual(expected);
    expect(writeBatch(readBatch(Buffer.from(text)))).toEqual(Buffer.from(text));
  });

  it("gives the fields of the headers", () => {
    const file = readBatch(Buffer.from(`FHS|^~\\&|F\r${header}BTS|0\rFTS|1\r`));
    expect(file.header).toMatchObject({ sendingApplication: "F", name: "" });
    expect(file.batches[0]!.header).toMatchObject({
      sendingApplication: "PAS",
      receivingFacility: "SITE",
      createdAt: "20260414",
      name: "NIGHTLY",
      comment: "COMMENT",
      controlId: "B1",
    });
  });

  it("splits UTF-16", () => {
    const bytes = Buffer.from(`\ufeff${header}${one}${two}BTS|2\r`, "utf16le");
    const file = readBatch(bytes);
    expect(file.batches[0]!.messages[1]).toEqual(Buffer.from(two, "utf16le"));
    expect(writeBatch(file)).toEqual(bytes);
    expect(isBatch(bytes)).toBe(true);
  });

  it.each([
    ["", "HL7_EMPTY", undefined],
    ["PID|1\r", "HL7_NO_HEADER", "segment 1"],
    [`PID|1\r${one}`, "HL7_NO_HEADER", "segment 1"],
    ["BHS\r", "HL7_BAD_DELIMITERS", "BHS-1"],
    ["FHS|^^\rFTS", "HL7_BAD_DELIMITERS", "FHS-2"],
    [`${header}${one}`, "HL7_BAD_BATCH", "BTS"],
    [`${header}${one}${header}${two}BTS|1`, "HL7_BAD_BATCH", "BTS"],
    [`${one}BTS|1`, "HL7_BAD_BATCH", "BTS"],
    [`${header}${one}BTS|2`, "HL7_BAD_BATCH", "BTS-1"],
    [`${header}${one}BTS|many`, "HL7_BAD_BATCH", "BTS-1"],
    [`FHS|^~\\&|A\r${one}`, "HL7_BAD_BATCH", "FTS"],
    [`FHS|^~\\&|A\r${header}${one}BTS|1\rFTS|2`, "HL7_BAD_BATCH", "FTS-1"],
    [`${one}FTS|1`, "HL7_BAD_BATCH", "FHS"],
    [`FHS|^~\\&|A\rFTS\r${one}`, "HL7_BAD_BATCH", "MSH"],
    [`${one}FHS|^~\\&|A\rFTS`, "HL7_BAD_BATCH", "FHS"],
    [`${header}PID|1\rBTS|0`, "HL7_BAD_BATCH", "BHS"],
  ])("answers %j with %s at %s", (text, code, at) => {
    expect(errorOf(() => readBatch(Buffer.from(text)))).toEqual({ code, at });
  });
});

describe("isBatch", () => {
  it.each([
    [header, true],
    ["\r\n FHS|", true],
    [one, false],
    ["", false],
  ])("says of %j: %j", (text, expected) => {
    expect(isBatch(Buffer.from(text))).toBe(expected);
  });
});

describe("writeBatch", () => {
  it("makes headers and counted trailers for messages that had none", () => {
    const envelope = readBatch(Buffer.from(`${header}BTS|0\r`)).batches[0]!.header!;
    const { raw, ...fields } = envelope;
    expect(raw).toBeDefined();
    const unended = Buffer.from(one.trimEnd());
    const file = { header: fields, batches: [{ header: fields, messages: [unended, Buffer.from(two)] }] };
    const fileHeader = header.replace("BHS", "FHS");
    expect(writeBatch(file).toString()).toBe(`${fileHeader}${header}${one}${two}BTS|2\rFTS|1\r`);
  });

  it("refuses a trailer that no longer counts right", () => {
    const file = readBatch(Buffer.from(`${header}${one}${two}BTS|2\r`));
    const fewer = { batches: file.batches.map((batch) => ({ ...batch, messages: batch.messages.slice(1) })) };
    expect(errorOf(() => writeBatch(fewer))).toEqual({ code: "HL7_BAD_BATCH", at: "BTS-1" });
  });
});
