// The HL7 v2 language, versions 2.1 to 2.8: messages, headers, acknowledgements, batches, escapes, timestamps.

export { acknowledge, readAcknowledgement } from "./acknowledgement.ts";
export { isBatch, readBatch, writeBatch } from "./batch.ts";
export { standardDelimiters } from "./delimiters.ts";
export { escapeText as escape, unescapeText as unescape } from "./escape.ts";
export { readHeader, unknownHeader } from "./header.ts";
export { parse, write } from "./message.ts";
export { type Precision, parseTimestamp, type Timestamp, timestampToInstant } from "./timestamp.ts";
export type * from "./types.ts";
