// The nouns of the HL7 v2 language: delimiters, message, header, acknowledgement, batch.

import type { ErrorCode } from "#kernel/errors";

/**
 * The delimiters of one message (HL7 v2.8, 2.5.4). `escape`, `subcomponent` and `truncation` are `""` where MSH-2 leaves
 * them out; the truncation character exists from 2.7 on.
 */
export type Delimiters = {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
  readonly truncation: string;
};

/** One segment as it stands now. */
export type SegmentView = {
  /** Three characters, e.g. `PID`. */
  readonly name: string;
  /** Which of its name, from 1: the `n` of `OBX[n]`. */
  readonly occurrence: number;
  /** The whole segment without its terminator, escapes untouched. */
  readonly text: string;
};

/**
 * One HL7 v2 message, read by path and edited in place.
 *
 * Path: `SEG[n]-F[r].C.S`, all numbers from 1: `PID-3[2].5`, `OBX[3]-5`, `MSH-9.1`, `ZPI-4`. MSH-1 is the field separator
 * and MSH-2 the encoding characters. Without `[n]` or `[r]`, `get`, `isNull` and `set` take the first, `all` takes every one.
 * Every method throws `HL7_BAD_PATH` for a path of another form.
 */
export type Message = {
  readonly delimiters: Delimiters;
  /** The encoding the bytes are read and written in, e.g. `utf-8`, `iso-8859-1`, `windows-1252`, `utf-16le`. */
  readonly charset: string;
  readonly segments: readonly SegmentView[];
  /**
   * The unescaped text of the first match; delimiters of deeper levels stand as they are (`MSH-9` gives `ADT^A31`).
   * `undefined` when absent or empty; `""` for the HL7 null (see `isNull`).
   */
  get(path: string): string | undefined;
  /** The texts of every match, absent and empty ones left out, HL7 nulls as `""`. */
  all(path: string): string[];
  /**
   * Whether the sender asks for deletion: the element is exactly two double quotes (v2.8, 2.5.3). A part of a field
   * repetition that is null as a whole is null too.
   */
  isNull(path: string): boolean;
  /**
   * Replaces one element by `value`, escaped. `null` empties it; `""` writes the HL7 null, the way `get` reads it. Missing
   * fields, repetitions and components before it are made; a missing segment is appended when it is the next of its name.
   * Setting MSH-18 writes the whole message in the new character set.
   *
   * Throws `HL7_BAD_PATH` (no such segment, or MSH-1 and MSH-2, which are fixed), `HL7_BAD_ENCODING` (a character the
   * character set lacks), `HL7_BAD_CHARSET` (MSH-18), `HL7_BAD_DELIMITERS` (the message declares no delimiter for it).
   */
  set(path: string, value: string | null): void;
  /** How many segments go by that name. */
  count(segmentName: string): number;
  /** How many repetitions the field of the path has: 0 when absent or empty. */
  repetitions(path: string): number;
};

/** The fields of MSH as they stand (escapes and inner delimiters untouched); `""` when absent or null. */
export type Header = {
  /** MSH-1. */
  readonly fieldSeparator: string;
  /** MSH-2. */
  readonly encodingCharacters: string;
  /** MSH-3, all components. */
  readonly sendingApplication: string;
  /** MSH-4, all components. */
  readonly sendingFacility: string;
  /** MSH-5, all components. */
  readonly receivingApplication: string;
  /** MSH-6, all components. */
  readonly receivingFacility: string;
  /** MSH-7 as written. */
  readonly messageAt: string;
  /** MSH-9.1, e.g. `ADT`. */
  readonly type: string;
  /** MSH-9.2, e.g. `A31`. */
  readonly event: string;
  /** MSH-9.3, e.g. `ADT_A05`. */
  readonly structure: string;
  /** MSH-10. */
  readonly controlId: string;
  /** MSH-11.1: `P`, `T` or `D`. */
  readonly processingId: string;
  /** MSH-12.1, e.g. `2.5.1`. */
  readonly version: string;
  /** MSH-15: `AL`, `NE`, `ER`, `SU`; enhanced mode when it or MSH-16 is valued. */
  readonly acceptAck: string;
  /** MSH-16. */
  readonly applicationAck: string;
  /** MSH-18, first repetition, as written. */
  readonly charset: string;
  /** The encoding this header was read in and an acknowledgement is written in. */
  readonly encoding: string;
};

/** MSA-1, HL7 table 0008: A-codes answer in original mode and for the application, C-codes accept in enhanced mode. */
export type AcknowledgementCode = "AA" | "AE" | "AR" | "CA" | "CE" | "CR";

/** What an acknowledgement says. */
export type Answer = {
  readonly code: AcknowledgementCode;
  /** MSH-10 of the acknowledgement itself. */
  readonly controlId: string;
  /** MSH-7 of the acknowledgement. */
  readonly at: Date;
  readonly errors?: readonly AnswerError[];
};

/** One error told to the sender: a code, a place and a reason code, never a value of the message. */
export type AnswerError = {
  readonly code: ErrorCode;
  /** A field path such as `PID-3[2].5`; anything else is left out of the answer. */
  readonly at?: string;
  readonly reason?: string;
};

/** An acknowledgement as received. */
export type Acknowledgement = {
  /** MSA-1 as written. */
  readonly code: string;
  /** MSA-2: the control id it answers. */
  readonly controlId: string;
  readonly errors: readonly AcknowledgedError[];
};

/** One error of a received acknowledgement; user texts are left out, as they may quote the message. */
export type AcknowledgedError = {
  /** A field path such as `PID-3[2].5`. */
  readonly location?: string;
  /** ERR-3.1, or the fourth component of ERR-1 before 2.5: HL7 table 0357. */
  readonly code?: string;
  /** The other side's own reason (ERR-5.4) or code (ERR-5.1). */
  readonly reason?: string;
};

/** The fields of a file or batch header (FHS, BHS) as they stand; `""` when absent. */
export type BatchEnvelope = {
  readonly fieldSeparator: string;
  readonly encodingCharacters: string;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  /** FHS-7 or BHS-7 as written. */
  readonly createdAt: string;
  /** FHS-9 or BHS-9: name, id, type. */
  readonly name: string;
  readonly comment: string;
  readonly controlId: string;
  /** Header and trailer as they were read; `writeBatch` makes both when absent. */
  readonly raw?: { readonly header: Uint8Array; readonly trailer: Uint8Array };
};

/** A run of messages, with or without a BHS around it. */
export type Batch = {
  readonly header?: BatchEnvelope;
  /** Each message with its line ends. */
  readonly messages: readonly Uint8Array[];
};

/** A batch file (v2.8, 2.10.3); `header` is absent where no FHS stands around it. */
export type BatchFile = {
  readonly header?: BatchEnvelope;
  readonly batches: readonly Batch[];
};
