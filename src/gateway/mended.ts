// A message that somebody mended as text: what was hidden from them is put back, and where it differs is told by path.

import { isAscii, isUtf8 } from "node:buffer";
import { type Header, readHeader } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";
import { HIDDEN, HL7, linesOf, SEGMENT, separatorOf } from "./withhold.ts";

const MOST_FIELDS = 50;

/** A segment of a text, and where it is. */
type Segment = { readonly name: string; readonly path: string; readonly fields: readonly string[] };

/** What is proposed in a message's place. */
export type MendedMessage = {
  readonly body: Buffer;
  /** Where it differs from the original, e.g. `PID-7` or `NK1[2]`; no values. */
  readonly fields: readonly string[];
};

/**
 * The bytes that a mended text stands for. Whoever mended it may not have seen all of the original: a field that reads as hidden is
 * what it was.
 * @throws RESUBMISSION_UNFIT for what is no HL7 v2 in UTF-8, or would be somebody else's; RESUBMISSION_HIDDEN; REQUEST_INVALID
 *   where nothing differs; HL7_WRONG_PROCESSING_ID
 */
export function mendedMessage(
  original: { readonly body: Buffer; readonly contentType: string; readonly source: Readonly<Record<string, unknown>> },
  text: string,
): MendedMessage {
  if (original.contentType !== HL7) throw new LockgateError("RESUBMISSION_UNFIT", { at: "content-type" });
  if (!isUtf8(original.body)) throw new LockgateError("RESUBMISSION_UNFIT", { at: "MSH-18" });
  const before = original.body.toString();
  // Whoever edits a message edits lines; on the wire segments end with a carriage return (HL7 v2 §2.5.2).
  const lines = linesOf(text).filter((line) => line !== "");
  const restored = restore(before, lines.join("\r"));
  const body = Buffer.from(`${restored}\r`);
  refuseOthers(original, body);
  const fields = changedFields(before, restored);
  if (fields.length === 0) throw new LockgateError("REQUEST_INVALID", { at: "text", reason: "unchanged" });
  return { body, fields };
}

/** Each field that reads as hidden becomes the original's of the same place. */
export function restore(original: string, mended: string): string {
  if (!mended.includes(HIDDEN)) return mended;
  const separator = separatorOf(mended);
  if (separator === undefined || mended.slice(0, 8) !== original.slice(0, 8))
    throw new LockgateError("RESUBMISSION_HIDDEN", { at: "MSH-1" });
  const before = segmentsOf(original, separator);
  const after = segmentsOf(mended, separator);
  const known = new Map(before.map((segment) => [segment.path, segment]));
  const count = (segments: readonly Segment[], named: string) => segments.filter(({ name }) => name === named).length;
  return after
    .map(({ name, path, fields }) => {
      if (name.includes(HIDDEN)) throw new LockgateError("RESUBMISSION_HIDDEN", { at: path });
      const told = fields.map((field, index) => {
        if (!field.includes(HIDDEN)) return field;
        const at = `${path}-${index + 1}`;
        const was = known.get(path)?.fields[index];
        // With a segment more or less nobody can say any more which is which.
        if (field !== HIDDEN || was === undefined || count(before, name) !== count(after, name))
          throw new LockgateError("RESUBMISSION_HIDDEN", { at });
        return was;
      });
      return [name, ...told].join(separator);
    })
    .join("\r");
}

/** Where two messages differ, by segment and field; of one that cannot be read by fields, by line. */
export function changedFields(original: string, mended: string): readonly string[] {
  const before = new Map(segmentsOf(original, separatorOf(original)).map((segment) => [segment.path, segment]));
  const after = new Map(segmentsOf(mended, separatorOf(mended)).map((segment) => [segment.path, segment]));
  const changed = [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [one, other] = [before.get(path), after.get(path)];
    if (!one || !other || one.name !== other.name) return [path];
    // MSH-1 is the separator itself, so a header's fields count from two.
    const first = one.name === "MSH" ? 2 : 1;
    const most = Math.max(one.fields.length, other.fields.length);
    return Array.from({ length: most }, (_, index) => index)
      .filter((index) => (one.fields[index] ?? "") !== (other.fields[index] ?? ""))
      .map((index) => `${path}-${index + first}`);
  });
  return changed.length > MOST_FIELDS ? [...changed.slice(0, MOST_FIELDS), "…"] : changed;
}

/** The filled lines of a text. A line that is no segment goes by its number; a segment by its name, from the second on with which. */
function segmentsOf(text: string, separator: string | undefined): readonly Segment[] {
  const counts = new Map<string, number>();
  return linesOf(text)
    .filter((line) => line !== "")
    .map((line, index) => {
      const [name = "", ...fields] = separator === undefined ? [line] : line.split(separator);
      if (!SEGMENT.test(name)) return { name: line, path: `line ${index + 1}`, fields: [] };
      const nth = (counts.get(name) ?? 0) + 1;
      counts.set(name, nth);
      return { name, path: nth === 1 ? name : `${name}[${nth}]`, fields };
    });
}

/** What the wire would have turned away: a message stays its sender's, of this environment, in its character set. */
function refuseOthers(
  { body, source }: { readonly body: Buffer; readonly source: Readonly<Record<string, unknown>> },
  mended: Buffer,
): void {
  const header = readHeader(mended);
  if (typeof source.processingId === "string" && header.processingId !== source.processingId)
    throw new LockgateError("HL7_WRONG_PROCESSING_ID", { at: "MSH-11" });
  if (header.controlId === "") throw new LockgateError("HL7_REQUIRED_FIELD", { at: "MSH-10" });
  if (header.encoding !== "utf-8" && !isAscii(mended)) throw new LockgateError("RESUBMISSION_UNFIT", { at: "MSH-18" });
  const was = headerOf(body);
  if (!was) return;
  const other = (
    [
      ["sendingApplication", "MSH-3"],
      ["sendingFacility", "MSH-4"],
      ["version", "MSH-12"],
    ] as const
  ).find(([name]) => was[name] !== header[name]);
  if (other) throw new LockgateError("RESUBMISSION_UNFIT", { at: other[1] });
}

function headerOf(bytes: Buffer): Header | undefined {
  try {
    return readHeader(bytes);
  } catch {
    return undefined; // what could not be read is what is mended
  }
}
