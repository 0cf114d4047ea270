// MSH-18: every supported character set is read, kept byte for byte and written; others are refused.

import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { parse, readHeader, write } from "#formats/hl7v2";
import { codeOf, errorOf } from "./fault.ts";

const textOf = (charset: string, name: string) =>
  `MSH|^~\\&|A||||||ADT^A31|M1|P|2.5||||||${charset}\rPID|1||1||${name}^X\rNTE|1||${name}\r`;

describe("a declared character set", () => {
  it.each([
    ["ASCII", "us-ascii", "OBrien", "ascii"],
    ["8859/1", "iso-8859-1", "Zoë", "iso-8859-1"],
    ["8859/2", "iso-8859-2", "Dvořák", "iso-8859-2"],
    ["8859/3", "iso-8859-3", "Ġorġ", "iso-8859-3"],
    ["8859/4", "iso-8859-4", "Šķēle", "iso-8859-4"],
    ["8859/5", "iso-8859-5", "Иванов", "iso-8859-5"],
    ["8859/6", "iso-8859-6", "محمد", "iso-8859-6"],
    ["8859/7", "iso-8859-7", "Γιώργος", "iso-8859-7"],
    ["8859/8", "iso-8859-8", "שלום", "iso-8859-8"],
    ["8859/9", "iso-8859-9", "Şahin", "iso-8859-9"],
    ["8859/14", "iso-8859-14", "Siôn Ŵyn", "iso-8859-14"],
    ["8859/15", "iso-8859-15", "Œuvre €", "iso-8859-15"],
    ["UNICODE UTF-8", "utf-8", "Łukasz 🙂", "utf-8"],
    ["UTF-8", "utf-8", "Łukasz", "utf-8"],
    ["unicode utf-8", "utf-8", "Łukasz", "utf-8"],
    ["UNICODE", "utf-8", "Łukasz", "utf-8"],
    ["GB 18030-2000", "gb18030", "王小明", "gb18030"],
    ["KS X 1001", "euc-kr", "김민수", "euc-kr"],
    ["BIG-5", "big5", "陳大文", "big5"],
  ])("%s is read as %s and written back", (declared, charset, name, encoding) => {
    const bytes = iconv.encode(textOf(declared, name), encoding);
    const message = parse(bytes);
    expect([message.charset, message.get("PID-5.1"), message.get("NTE-3")]).toEqual([charset, name, name]);
    expect(write(message)).toEqual(bytes);
    message.set("PID-5.2", name);
    message.set("ZPI-1", name);
    const edited = `${textOf(declared, name).replace("^X", `^${name}`)}ZPI|${name}\r`;
    expect(write(message)).toEqual(iconv.encode(edited, encoding));
    expect(parse(textOf(declared, name)).get("PID-5.1")).toBe(name);
  });

  it.each([
    ["utf16le", "utf-16le", "\ufeff"],
    ["utf16be", "utf-16be", "\ufeff"],
    ["utf16le", "utf-16le", ""],
    ["utf16be", "utf-16be", ""],
  ])("UNICODE UTF-16 is read from %s (%s) with the mark %j", (encoding, charset, mark) => {
    const bytes = iconv.encode(mark + textOf("UNICODE UTF-16", "Łukasz 🙂"), encoding, { addBOM: false });
    const message = parse(bytes);
    expect([message.charset, message.get("PID-5.1")]).toEqual([charset, "Łukasz 🙂"]);
    expect(write(message)).toEqual(bytes);
    message.set("PID-5.1", "Żeleński");
    message.set("ZPI-1", "é");
    expect(parse(write(message)).all("PID-5.1")).toEqual(["Żeleński"]);
    expect(parse(write(message)).get("ZPI-1")).toBe("é");
    expect(readHeader(bytes).type).toBe("ADT");
  });

  it("Japanese sets are read through their escapes and returned to ASCII", () => {
    const kanji = "\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B";
    const bytes = Buffer.from(`MSH|^~\\&|A|||||||M1|P|2.5||||||~ISO IR87\rPID|1||1||${kanji}\r`, "latin1");
    const message = parse(bytes);
    expect([message.get("PID-5.1"), message.get("PID-5.2")]).toEqual(["山田", "太郎"]);
    expect(write(message)).toEqual(bytes);
    message.set("PID-6", "ﾔﾏﾀﾞ鈴木");
    const written = write(message).toString("latin1");
    expect([written.includes("|\x1b(I"), written.includes("\x1b$B"), written.endsWith("\x1b(B\r")]).toEqual([
      true,
      true,
      true,
    ]);
    expect(parse(write(message)).get("PID-6")).toBe("ﾔﾏﾀﾞ鈴木");
    expect(codeOf(() => message.set("PID-6", "🙂"))).toBe("HL7_BAD_ENCODING");
    expect(codeOf(() => parse(Buffer.from(`${bytes.toString("latin1")}NTE|\x1b$B;`, "latin1")))).toBe(
      "HL7_BAD_ENCODING",
    );
  });

  it.each(["UNICODE UTF-32", "CNS 11643-1992", "EBCDIC", "8859/12", "unsupported"])("%s is refused", (declared) => {
    expect(errorOf(() => parse(Buffer.from(textOf(declared, "X"))))).toEqual({ code: "HL7_BAD_CHARSET", at: "MSH-18" });
    expect(errorOf(() => parse(textOf(declared, "X")))).toEqual({ code: "HL7_BAD_CHARSET", at: "MSH-18" });
    expect(readHeader(Buffer.from(textOf(declared, "X"))).charset).toBe(declared);
  });

  it.each([
    ["ASCII", "iso-8859-1", "segment 2"],
    ["UNICODE UTF-8", "iso-8859-1", "segment 2"],
    ["8859/3", "iso-8859-2", "segment 2"],
    ["KS X 1001", "iso-8859-1", "segment 2"],
    ["UNICODE UTF-16", "utf-8", "MSH-18"],
    ["UNICODE UTF-8", "utf-16le", "MSH-18"],
  ])("%s is refused over bytes of %s", (declared, encoding, at) => {
    const bytes = iconv.encode(textOf(declared, "ĂñŁóřé"), encoding);
    expect(errorOf(() => parse(bytes))).toEqual({ code: "HL7_BAD_ENCODING", at });
  });
});

describe("no declared character set", () => {
  it.each([
    ["utf-8", "utf-8", "Zoë"],
    ["windows-1252", "iso-8859-1", "Zoë"],
    ["windows-1252", "windows-1252", "O’Brien – €"],
  ])("is read as %s when the bytes are %s", (charset, encoding, name) => {
    const bytes = iconv.encode(textOf("", name), encoding);
    const message = parse(bytes);
    expect([message.charset, message.get("PID-5.1")]).toEqual([charset, name]);
    message.set("PID-5.2", name);
    expect(write(message)).toEqual(iconv.encode(textOf("", name).replace("^X", `^${name}`), encoding));
  });

  it("keeps every byte value", () => {
    const bytes = Buffer.concat([
      Buffer.from("MSH|^~\\&|A\rNTE|1||"),
      Buffer.from(Array.from({ length: 128 }, (_, i) => i + 128)),
    ]);
    const message = parse(bytes);
    message.set("NTE-3", message.get("NTE-3") ?? null);
    expect(write(message)).toEqual(bytes);
  });

  it("refuses bytes that a UTF-8 byte order mark contradicts", () => {
    expect(codeOf(() => parse(Buffer.from("\u00ef\u00bb\u00bfMSH|^~\\&|\u00e9", "latin1")))).toBe("HL7_BAD_ENCODING");
  });
});

describe("editing", () => {
  it("refuses a character the set lacks and leaves the message as it was", () => {
    const bytes = iconv.encode(textOf("8859/1", "Zoë"), "iso-8859-1");
    const message = parse(bytes);
    expect(errorOf(() => message.set("PID-5.1", "Łukasz"))).toEqual({ code: "HL7_BAD_ENCODING", at: "PID-5.1" });
    expect(codeOf(() => message.set("MSH-18", "8859/5"))).toBe("HL7_BAD_ENCODING");
    expect(codeOf(() => message.set("MSH-18", "KLINGON"))).toBe("HL7_BAD_CHARSET");
    expect(codeOf(() => parse("MSH|^~\\&|A").set("MSH-3", "\ud800"))).toBe("HL7_BAD_ENCODING");
    expect(write(message)).toEqual(bytes);
  });

  it("writes the whole message in the set that MSH-18 is given", () => {
    const message = parse(iconv.encode(textOf("8859/1", "Zoë"), "iso-8859-1"));
    message.set("PID-8", "F");
    message.set("MSH-18", "UNICODE UTF-8");
    message.set("PID-5.2", "Łukasz");
    expect(message.charset).toBe("utf-8");
    expect(write(message).toString("utf8")).toBe(textOf("UNICODE UTF-8", "Zoë").replace("Zoë^X\r", "Zoë^Łukasz|||F\r"));
  });
});
