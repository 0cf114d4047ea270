// Finds the published HL7 v2 messages that lie beside the project, where there are any.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(process.env.LOCKGATE_SHARED ?? "../shared", "data", "hl7v2");

/** Whether the published messages are there. */
export const hasPublishedMessages = existsSync(folder);

/** The bytes of every file that begins with MSH. */
export const publishedMessages = (): Uint8Array[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    .filter((bytes) => bytes.subarray(0, 3).toString("latin1") === "MSH");
