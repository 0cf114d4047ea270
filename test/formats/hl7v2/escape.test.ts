// Escape sequences: what becomes a character, what stays, and that nothing is lost between the two directions.

import { describe, expect, it } from "vitest";
import { escape as escapeText, parse, standardDelimiters, unescape as unescapeText } from "#formats/hl7v2";

const truncating = { ...standardDelimiters, truncation: "#" };

describe("unescape", () => {
  it.each([
    ["plain", "plain"],
    ["\\F\\\\S\\\\T\\\\R\\\\E\\", "|^&~\\"],
    ["a\\F\\b", "a|b"],
    ["\\X41\\", "A"],
    ["\\XC3A9\\", "é"],
    ["\\X0D0A\\", "\r\n"],
    ["\\XFF\\", "\\XFF\\"],
    ["\\X4\\", "\\X4\\"],
    ["\\XZZ\\", "\\XZZ\\"],
    ["\\P\\", "\\P\\"],
    ["\\H\\x\\N\\", "\\H\\x\\N\\"],
    ["\\.br\\", "\\.br\\"],
    ["\\.sp+3\\", "\\.sp+3\\"],
    ["\\C2842\\", "\\C2842\\"],
    ["\\M284200\\", "\\M284200\\"],
    ["\\Z0102\\", "\\Z0102\\"],
    ["\\Q\\ and \\T\\", "\\Q\\ and &"],
    ["open \\F", "open \\F"],
    ["\\", "\\"],
    ["\\\\", "\\\\"],
  ])("reads %j as %j", (text, expected) => {
    expect(unescapeText(text, standardDelimiters)).toBe(expected);
  });

  it("reads \\P\\ as the truncation character where the message declares one", () => {
    expect(unescapeText("\\P\\", truncating)).toBe("#");
    expect(escapeText("#", truncating)).toBe("\\P\\");
    expect(parse("MSH|^~\\&#|\\P\\").get("MSH-3")).toBe("#");
  });

  it("reads hexadecimal data in the message's character set", () => {
    expect(unescapeText("\\XE9\\", standardDelimiters, "iso-8859-1")).toBe("é");
    expect(parse("MSH|^~\\&|\\XE9\\|||||||||||||||8859/1").get("MSH-3")).toBe("é");
  });
});

describe("escape", () => {
  it.each([
    ["a|b^c&d~e\\f", "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f"],
    ["\u000b\u001c\r", "\\X0B\\\\X1C\\\\X0D\\"],
    ["tab\tstays", "tab\tstays"],
    ["\\.br\\", "\\.br\\"],
    ["\\H\\", "\\H\\"],
    ["\\X41\\", "\\E\\X41\\E\\"],
    ["\\F\\", "\\E\\F\\E\\"],
    ["#", "#"],
  ])("writes %j as %j", (text, expected) => {
    expect(escapeText(text, standardDelimiters)).toBe(expected);
  });
});
