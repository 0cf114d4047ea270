// What holds for every input: nothing lost in writing, set then get, escape and unescape, coded errors only, linear time.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acknowledge,
  escape as escapeText,
  isBatch,
  type Message,
  parse,
  parseTimestamp,
  readAcknowledgement,
  readBatch,
  readHeader,
  standardDelimiters,
  unescape as unescapeText,
  write,
  writeBatch,
} from "#formats/hl7v2";
import { growth, NEAR_LINEAR } from "../../growth.ts";
import { codeOf } from "./fault.ts";

const truncating = { ...standardDelimiters, truncation: "#" };
const odd = { field: "!", component: "@", repetition: "#", escape: "%", subcomponent: "*", truncation: "" };

/** Text rich in what HL7 gives a meaning to. */
const hl7Text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "|",
        "^",
        "~",
        "\\",
        "&",
        "#",
        '"',
        "\r",
        "\n",
        "\\.br\\",
        "\\H\\",
        "\\X41\\",
        "\\E\\",
        "\\T\\",
        "é",
        "🙂",
        "!",
      ),
      fc.string({ unit: "binary", maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const isWellFormed = (text: string) => text.isWellFormed();

const sample = Buffer.from(
  "MSH|^~\\&|PAS|RX9|HUB|SITE|20260414||ADT^A31^ADT_A05|M1|P|2.5||||||UNICODE UTF-8\r\nPID|1||999^^^NHS&2.16^NH~X1||ZOË^A\\T\\B\r" +
    'OBX|1|TX|||one\ntwo~""\rZPI|\\Q\\|x\r',
);

/** A sample message with bytes changed, put in, taken out, or cut off. */
const mutated = fc
  .array(
    fc.record({
      place: fc.nat(sample.length),
      remove: fc.nat(3),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc.constantFrom("\r", "\n", "|", "\\", "MSH|", "\rBTS|1", "\ufeff").map((text) => Buffer.from(text)),
      ),
    }),
    { maxLength: 5 },
  )
  .map((edits) =>
    edits.reduce<Buffer>(
      (bytes, { place, remove, put }) => Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + remove)]),
      sample,
    ),
  );

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  mutated,
  mutated.map((bytes) => Buffer.concat([Buffer.from("BHS|^~\\&|A\r"), bytes, Buffer.from("\rBTS|1\r")])),
  fc.nat(sample.length).map((length) => sample.subarray(0, length)),
  fc.uint8Array({ maxLength: 80 }).map((rest) => Buffer.concat([Buffer.from("MSH|^~\\&|"), rest])),
  fc
    .uint8Array({ maxLength: 80 })
    .map((rest) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("MSH|^~\\&|", "utf16le"), rest])),
);

const paths = ["MSH-1", "MSH-2", "MSH-18", "PID-3[2].4.2", "OBX-5", "OBX[3]-5", "ZPI-1", "PID-40"];

describe("every input", () => {
  it("is read and written by coded errors or not at all, and parsable bytes come out as they went in", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        let message: Message | undefined;
        codeOf(() => {
          message = parse(bytes);
        });
        for (const path of paths) {
          message?.get(path);
          message?.all(path);
          message?.isNull(path);
        }
        if (message !== undefined) expect(write(message).equals(bytes)).toBe(true);
        isBatch(bytes);
        codeOf(() => expect(writeBatch(readBatch(bytes)).equals(bytes)).toBe(true));
        codeOf(() => readAcknowledgement(bytes));
        codeOf(() =>
          acknowledge(readHeader(bytes), {
            code: "AR",
            controlId: "1",
            at: new Date(0),
            errors: [{ code: "INTERNAL" }],
          }),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it("as a path or a timestamp gives an answer or a coded error", () => {
    const message = parse(sample);
    fc.assert(
      fc.property(fc.oneof(fc.string(), hl7Text), (text) => {
        codeOf(() => message.get(text));
        codeOf(() => message.set(text, text));
        parseTimestamp(text);
      }),
    );
  });
});

describe("escaping", () => {
  it("is undone by unescaping, for every text and delimiters", () => {
    fc.assert(
      fc.property(hl7Text, fc.constantFrom(standardDelimiters, truncating, odd), (text, delimiters) => {
        const escaped = escapeText(text, delimiters);
        expect(unescapeText(escaped, delimiters)).toBe(text);
        const bare = [
          delimiters.field,
          delimiters.component,
          delimiters.repetition,
          delimiters.subcomponent,
          "\r",
          "\n",
        ];
        expect(bare.filter((character) => escaped.includes(character))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("of text read from a field gives text that reads the same", () => {
    fc.assert(
      fc.property(hl7Text, (text) => {
        const read = unescapeText(text, standardDelimiters);
        expect(unescapeText(escapeText(read, standardDelimiters), standardDelimiters)).toBe(read);
      }),
    );
  });
});

describe("setting", () => {
  const anyPath = fc
    .record({
      segment: fc.constantFrom("PID", "OBX", "ZPI", "MSH", "ZZZ"),
      field: fc.integer({ min: 3, max: 40 }).filter((field) => field !== 18),
      repetition: fc.integer({ min: 0, max: 4 }),
      component: fc.integer({ min: 0, max: 5 }),
      subcomponent: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ segment, field, repetition, component, subcomponent }) => {
      const deeper = component === 0 ? "" : `.${component}${subcomponent === 0 ? "" : `.${subcomponent}`}`;
      return `${segment}-${field}${repetition === 0 ? "" : `[${repetition}]`}${deeper}`;
    });

  it("a value gives it back, before and after writing, and leaves every other segment's bytes alone", () => {
    fc.assert(
      fc.property(anyPath, hl7Text.filter(isWellFormed), (path, value) => {
        fc.pre(value !== '""');
        const message = parse(sample);
        message.set(path, value);
        const again = parse(write(message));
        expect([message.get(path), again.get(path)]).toEqual([value, value]);
        expect(again.isNull(path)).toBe(value === "");
        const others = ({ segments }: Message) =>
          segments.filter(({ name }) => !path.startsWith(name)).map(({ text }) => text);
        expect(others(again)).toEqual(others(parse(sample)));
        message.set(path, null);
        expect(message.get(path)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it("what was read changes nothing that is read", () => {
    fc.assert(
      fc.property(mutated, fc.constantFrom("PID-5.1", "PID-5.2", "OBX-5[1]", "ZPI-1", "MSH-10"), (bytes, path) => {
        let message: Message | undefined;
        codeOf(() => {
          message = parse(bytes);
        });
        const value = message?.get(path);
        // Without an escape character a delimiter cannot be written as text; `set` refuses that, as it says.
        fc.pre(message !== undefined && value !== undefined && message.delimiters.escape !== "");
        message.set(path, value);
        expect(parse(write(message)).get(path)).toBe(value);
      }),
    );
  });
});

describe("time", () => {
  it.each<[string, (size: number) => string]>([
    ["empty segments", (size) => `MSH|^~\\&|A\r${"ZZZ\r".repeat(size)}`],
    ["line feeds", (size) => `MSH|^~\\&|A\rOBX|${"\n".repeat(size)}x`],
    ["line feeds before a CR", (size) => `MSH|^~\\&|A\rOBX|x${"\n".repeat(size)}\rPID|1`],
    ["line feeds inside a field", (size) => `MSH|^~\\&|A\rOBX|${"x\n".repeat(size)}x`],
    ["escapes", (size) => `MSH|^~\\&|A\rOBX|${"\\T\\".repeat(size)}`],
    ["escape characters", (size) => `MSH|^~\\&|A\rOBX|${"\\x".repeat(size)}`],
    ["repetitions", (size) => `MSH|^~\\&|A\rOBX|${"~".repeat(size)}`],
    ["fields of the header", (size) => `MSH|^~\\&${"|".repeat(size)}`],
    ["blanks", (size) => `${" ".repeat(size)}MSH|^~\\&|A${" \r".repeat(size)}`],
    ["an encoding without end", (size) => `MSH|^~\\&|A\rOBX|${"é\n".repeat(size)}`],
  ])("is linear in %s", (_, textOf) => {
    expect(growth(200_000, (size) => allOf(textOf(size)))).toBeLessThan(NEAR_LINEAR);
  });
});

/** All that is done to a message. */
function allOf(text: string): void {
  const bytes = Buffer.from(text);
  const message = parse(bytes);
  message.get("OBX-1");
  message.all("OBX-1");
  message.set("OBX-1", text.slice(0, 1_000));
  write(message);
  readHeader(bytes);
  codeOf(() => readBatch(Buffer.from(`BHS|^~\\&\r${text}\rBTS`)));
}
