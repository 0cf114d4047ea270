// What of a message may be shown where nobody may learn where somebody is: what is known not to tell it, and nothing else.

import { whereabouts } from "#canonical/model";

/** What is left of a message, and what is not. */
export type Withheld = { readonly body: Buffer; readonly withheld: "whereabouts" | "everything" };

/** What HL7 v2 messages are kept as. */
export const HL7 = "x-application/hl7-v2+er7";
/** Stands for what is not shown. */
export const HIDDEN = "•••";
/** Delimiters, control id, event: what a sender's system says of the message itself. */
const WHOLE_SEGMENTS: ReadonlySet<string> = new Set(["MSH", "EVN", "MSA", "ERR"]);
/**
 * PID-1 to 5, 7, 8, 29, 30: identifiers, name, birth, sex, death. MRG-1 to 7: the retired identifiers and name. Of an order of stock what
 * is ordered of whom, and not where to: ORC-1, 2, 9, RQD-1 to 8, 10, RQ1-1 to 7.
 */
const SHOWN_FIELDS: Readonly<Record<string, ReadonlySet<number>>> = {
  PID: new Set([1, 2, 3, 4, 5, 7, 8, 29, 30]),
  MRG: new Set([1, 2, 3, 4, 5, 6, 7]),
  ORC: new Set([1, 2, 9]),
  RQD: new Set([1, 2, 3, 4, 5, 6, 7, 8, 10]),
  RQ1: new Set([1, 2, 3, 4, 5, 6, 7]),
};

/** What a segment's name is like. */
export const SEGMENT = /^[A-Z][A-Z0-9]{2}$/;

/** A message without what may tell where somebody is. Of what cannot be read nothing is shown. */
export function withoutWhereabouts(body: Buffer, contentType: string): Withheld {
  const text = body.toString();
  const shown = contentType === HL7 ? hl7Without(text) : /\bjson\b/.test(contentType) ? jsonWithout(text) : undefined;
  return shown === undefined
    ? { body: Buffer.alloc(0), withheld: "everything" }
    : { body: Buffer.from(shown), withheld: "whereabouts" };
}

/** The field separator of a message, MSH-1; undefined: without one the bytes could mean anything. */
export function separatorOf(text: string): string | undefined {
  const separator = text.startsWith("MSH") ? text.charAt(3) : "";
  return separator === "" || /[\sA-Za-z0-9]/.test(separator) ? undefined : separator;
}

export const linesOf = (text: string): readonly string[] => text.split(/\r\n|\r|\n/);

function hl7Without(text: string): string | undefined {
  const separator = separatorOf(text);
  if (separator === undefined) return undefined;
  const lines = linesOf(text).map((line) => {
    const [name = "", ...fields] = line.split(separator);
    if (line === "" || WHOLE_SEGMENTS.has(name)) return line;
    const shown = SHOWN_FIELDS[name];
    const told = fields.map((field, index) => (field === "" || shown?.has(index + 1) ? field : HIDDEN));
    // A line that is no segment is the rest of one that was broken.
    return SEGMENT.test(name) ? [name, ...told].join(separator) : HIDDEN;
  });
  return lines.join("\r");
}

function jsonWithout(text: string): string | undefined {
  try {
    const told = JSON.parse(text, (name, value) =>
      (whereabouts as ReadonlySet<string>).has(name) || name === "comment" ? undefined : value,
    );
    return JSON.stringify(told);
  } catch {
    return undefined; // no JSON
  }
}
