// Acknowledgements: the form of each version, original and enhanced mode, foreign delimiters, unreadable messages, reading back.

import { describe, expect, it } from "vitest";
import { type Answer, acknowledge, parse, readAcknowledgement, readHeader, unknownHeader } from "#formats/hl7v2";
import { codeOf, errorOf } from "./fault.ts";

const at = new Date(Date.UTC(2026, 3, 14, 9, 30, 5, 250));
const headerOf = (version: string, rest = "") =>
  readHeader(Buffer.from(`MSH|^~\\&|PAS^1.2^ISO|RX9|HUB|SITE|20260414||ADT^A31^ADT_A05|M1|T|${version}${rest}\rPID|1`));
const answer: Answer = { code: "AA", controlId: "K1", at };
const refusal: Answer = {
  code: "AE",
  controlId: "K1",
  at,
  errors: [
    { code: "HL7_BAD_VALUE", at: "PID-7", reason: "DQ-DOB-001" },
    { code: "HL7_REQUIRED_FIELD", at: "PID-3[2].5" },
    { code: "HL7_BAD_SEGMENT_NAME", at: "segment 4" },
  ],
};
const linesOf = (bytes: Buffer) => bytes.toString("utf8").split("\r");

describe("acknowledge", () => {
  it.each([
    ["2.1", "ACK^A31"],
    ["2.2", "ACK^A31"],
    ["2.3", "ACK^A31"],
    ["2.3.1", "ACK^A31^ACK"],
    ["2.4", "ACK^A31^ACK"],
    ["2.5", "ACK^A31^ACK"],
    ["2.5.1", "ACK^A31^ACK"],
    ["2.8", "ACK^A31^ACK"],
  ])("answers a message of %s as %s, sender and receiver swapped", (version, type) => {
    expect(linesOf(acknowledge(headerOf(version), answer))).toEqual([
      `MSH|^~\\&|HUB|SITE|PAS^1.2^ISO|RX9|20260414093005+0000||${type}|K1|T|${version}`,
      "MSA|AA|M1",
      "",
    ]);
  });

  it("lists errors in one ERR with a repetition each before 2.5", () => {
    expect(linesOf(acknowledge(headerOf("2.4"), refusal)).slice(1)).toEqual([
      "MSA|AE|M1|A field's value is not of its data type.",
      "ERR|PID^1^7^102&Data type error&HL70357~PID^1^3^101&Required field missing&HL70357~^^^100&Segment sequence error&HL70357",
      "",
    ]);
  });

  it("gives a plain code in ERR-1 before 2.3.1", () => {
    expect(linesOf(acknowledge(headerOf("2.3"), refusal))[2]).toBe("ERR|PID^1^7^102~PID^1^3^101~^^^100");
  });

  it.each(["2.5", "2.8"])("lists errors in an ERR each in %s", (version) => {
    expect(linesOf(acknowledge(headerOf(version), refusal)).slice(1)).toEqual([
      "MSA|AE|M1",
      "ERR||PID^1^7|102^Data type error^HL70357|E|HL7_BAD_VALUE^^L^DQ-DOB-001^^L|||A field's value is not of its data type.",
      "ERR||PID^1^3^2^5|101^Required field missing^HL70357|E|HL7_REQUIRED_FIELD^^L|||A required field is missing.",
      "ERR|||100^Segment sequence error^HL70357|E|HL7_BAD_SEGMENT_NAME^^L|||A segment does not begin with a three-character name.",
      "",
    ]);
  });

  it.each(["CA", "CE", "CR"] as const)("accepts or refuses in enhanced mode with %s", (code) => {
    const header = headerOf("2.5", "|||AL|NE");
    expect([header.acceptAck, header.applicationAck]).toEqual(["AL", "NE"]);
    const message = parse(acknowledge(header, { ...answer, code }));
    expect([message.get("MSA-1"), message.get("MSA-2"), message.get("MSH-15")]).toEqual([code, "M1", undefined]);
  });

  it("answers in the sender's delimiters and escapes by them", () => {
    const header = readHeader(Buffer.from("MSH.^~\\&.PAS.RX9.HUB.SITE.2026..ADT^A31.M1.P.2,5"));
    const bytes = acknowledge(header, { ...refusal, errors: [{ code: "HL7_EMPTY", reason: "a^b" }] });
    expect(linesOf(bytes).slice(1)).toEqual([
      "MSA.AE.M1",
      "ERR...100^Segment sequence error^HL70357.E.HL7_EMPTY^^L^a\\S\\b^^L...The message is empty\\F\\",
      "",
    ]);
    const bare = readHeader(Buffer.from("MSH.^~.PAS.RX9.HUB.SITE.2026..ADT^A31.M1.P.2,5"));
    expect(linesOf(acknowledge(bare, { ...answer, errors: [{ code: "HL7_EMPTY" }] }))[2]).toMatch(
      /The message is empty$/,
    );
  });

  it.each([
    ["8859/1", Buffer.from("é", "latin1")],
    ["", Buffer.from("é", "utf8")],
    ["", Buffer.from("é", "latin1")],
    ["KLINGON", Buffer.from("é", "latin1")],
    ["UNICODE UTF-8", Buffer.from("é", "latin1")],
  ])("gives the sender's own bytes back (MSH-18 %j, %j)", (charset, name) => {
    const message = Buffer.concat([Buffer.from("MSH|^~\\&|"), name, Buffer.from(`||||||ADT|M1|P|2.5||||||${charset}`)]);
    expect(
      acknowledge(readHeader(message), answer).includes(Buffer.concat([Buffer.from("|"), name, Buffer.from("|")])),
    ).toBe(true);
  });

  it("answers UTF-16 in UTF-16", () => {
    const message = Buffer.from("\ufeffMSH|^~\\&|Ł||||||ADT|M1|P|2.5||||||UNICODE UTF-16\r", "utf16le");
    expect(parse(acknowledge(readHeader(message), answer)).get("MSH-5")).toBe("Ł");
  });

  it("answers a message whose header nobody can read", () => {
    const bytes = acknowledge(unknownHeader, { code: "AR", controlId: "K1", at, errors: [{ code: "HL7_NO_HEADER" }] });
    expect(linesOf(bytes).slice(0, 2)).toEqual(["MSH|^~\\&|||||20260414093005+0000||ACK|K1|P|2.5", "MSA|AR"]);
  });
});

describe("readAcknowledgement", () => {
  it.each(["2.3", "2.4", "2.5", "2.8"])("reads what acknowledge wrote in %s", (version) => {
    const { code, controlId, errors } = readAcknowledgement(acknowledge(headerOf(version), refusal));
    expect([code, controlId]).toEqual(["AE", "M1"]);
    expect(errors.map((error) => error.code)).toEqual(["102", "101", "100"]);
    const deep = version.startsWith("2.3") || version === "2.4" ? "PID-3" : "PID-3[2].5";
    expect(errors.map((error) => error.location)).toEqual(["PID-7", deep, undefined]);
  });

  it("gives the reason, or the code, of the other side and never its free text", () => {
    const { errors } = readAcknowledgement(
      Buffer.from(
        "MSH|^~\\&|A\rMSA|AE|M1\rERR||OBX^3^5|207|E|E99^^L^R-1|||JORDAN EXAMPLE is unknown\rERR||PID|204|E|E42\r" +
          "ERR||PID^1^x|JORDAN EXAMPLE|E|JORDAN EXAMPLE",
      ),
    );
    expect(errors).toEqual([
      { location: "OBX[3]-5", code: "207", reason: "R-1" },
      { location: "PID", code: "204", reason: "E42" },
      {},
    ]);
  });

  it.each([
    ["MSH|^~\\&|A", "MSA-1"],
    ["MSH|^~\\&|A\rMSA||M1", "MSA-1"],
  ])("refuses %j at %s", (text, place) => {
    expect(errorOf(() => readAcknowledgement(Buffer.from(text)))).toEqual({ code: "HL7_REQUIRED_FIELD", at: place });
  });

  it("takes an answer to a message that could not be read, which names no control id", () => {
    expect(readAcknowledgement(Buffer.from("MSH|^~\\&|A\rMSA|AR"))).toEqual({ code: "AR", controlId: "", errors: [] });
  });
});

describe("readHeader", () => {
  it("gives the fields of MSH as they stand", () => {
    const text =
      'MSH|^~\\&|PAS^1.2^ISO|RX9|HUB|SITE|20260414||ADT^A31^ADT_A05|M\\T\\1|P^T|2.5^GBR|||AL|""||8859/1~UNICODE UTF-8';
    expect(readHeader(Buffer.from(`\ufeff\r\n ${text}\rPIDX`))).toEqual({
      fieldSeparator: "|",
      encodingCharacters: "^~\\&",
      sendingApplication: "PAS^1.2^ISO",
      sendingFacility: "RX9",
      receivingApplication: "HUB",
      receivingFacility: "SITE",
      messageAt: "20260414",
      type: "ADT",
      event: "A31",
      structure: "ADT_A05",
      controlId: "M\\T\\1",
      processingId: "P",
      version: "2.5",
      acceptAck: "AL",
      applicationAck: "",
      charset: "8859/1",
      encoding: "iso-8859-1",
    });
  });

  it.each([
    ["", "HL7_EMPTY"],
    ["\r\n", "HL7_EMPTY"],
    ["PID|1", "HL7_NO_HEADER"],
    ["BHS|^~\\&|", "HL7_NO_HEADER"],
    ["MSH", "HL7_BAD_DELIMITERS"],
    ["MSH|^^^^|", "HL7_BAD_DELIMITERS"],
  ])("refuses %j with %s", (text, code) => {
    expect(codeOf(() => readHeader(Buffer.from(text)))).toBe(code);
  });
});
