// Every message of the shared corpus parses and is written back byte for byte, or is listed here with the reason why not.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { isBatch, parse, readBatch, readHeader, write, writeBatch } from "#formats/hl7v2";
import { type ErrorCode, LockgateError } from "#kernel/errors";

const root = join(process.env.LOCKGATE_SHARED ?? join(import.meta.dirname, "../../../../shared"), "data/hl7v2");

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:hl7|hl7v2|txt)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

const startsLikeHl7 = (bytes: Buffer) =>
  /^(?:\u00ef\u00bb\u00bf)?\s*(?:MSH|FHS|BHS)/.test(bytes.toString("latin1", 0, 64));
const messageFiles = filesIn(root).filter((file) => startsLikeHl7(readFileSync(file)));

// The encoding characters are ^~\\&: the escape character is declared a second time as subcomponent separator (v2.8, 2.5.4:
// each delimiter stands for one thing). They come from source code in which the backslash was doubled.
const doubledEscape = [
  ...[73, 74, 76, 77].map((number) => `extracted-from-java-tests/00${number}_Hl7ORUMessageTest.hl7`),
  "extracted-from-java-tests/0092_SegmentUtilTest.hl7",
  ...[238, 240, 242, 244, 246, 248, 250, 252, 254].map(
    (number) => `extracted-from-java-tests/0${number}_Hl7MedicationRequestFHIRConversionTest.hl7`,
  ),
  "src/test/resources/sample_unix.hl7",
  "src/test/resources/sample_win.hl7",
];
const invalid = new Map<string, ErrorCode>([
  ...doubledEscape.map((file) => [`LinuxForHealth-hl7v2-fhir-converter/${file}`, "HL7_BAD_DELIMITERS"] as const),
  // Segments named PIDX and PV: a segment name has three characters (v2.8, 2.5.2).
  ["rethinkhealth-hl7v2/qa/fixtures/invalid-segment-header-length.hl7", "HL7_BAD_SEGMENT_NAME"],
  // BTS-1 says 1 where the batch holds two messages (v2.8, 2.15.3.1).
  [
    "microsoft-FHIR-Converter/src/Microsoft.Health.Fhir.Liquid.Converter.UnitTests/TestData/Expected/BundleToHl7v2.hl7",
    "HL7_BAD_BATCH",
  ],
]);

function roundTrip(bytes: Buffer): Buffer {
  if (!isBatch(bytes)) return write(parse(bytes));
  const file = readBatch(bytes);
  for (const batch of file.batches)
    for (const message of batch.messages) expect(write(parse(message))).toEqual(message);
  return writeBatch(file);
}

describe.skipIf(messageFiles.length === 0)("the shared HL7 v2 corpus (skipped when ../shared/data is absent)", () => {
  it("holds the messages this test was written against", () => {
    expect(messageFiles.length).toBeGreaterThan(450);
  });

  it("comes out byte for byte, except for the messages listed as invalid", () => {
    const refused = new Map<string, string>();
    for (const file of messageFiles) {
      const bytes = readFileSync(file);
      try {
        expect(roundTrip(bytes).equals(bytes), file).toBe(true);
      } catch (error) {
        if (!(error instanceof LockgateError)) throw error;
        refused.set(relative(root, file), error.code);
      }
    }
    expect(refused).toEqual(invalid);
  });

  it("gives the same header by readHeader as by path", () => {
    for (const file of messageFiles) {
      const bytes = readFileSync(file);
      if (isBatch(bytes) || invalid.has(relative(root, file))) continue;
      const header = readHeader(bytes);
      const message = parse(bytes);
      const seen = [header.type, header.event, header.controlId, header.version, header.sendingApplication];
      const paths = ["MSH-9.1", "MSH-9.2", "MSH-10", "MSH-12.1", "MSH-3"];
      expect(seen, file).toEqual(paths.map((path) => message.get(path) ?? ""));
    }
  });
});
