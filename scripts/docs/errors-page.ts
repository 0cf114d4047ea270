// Prints docs/errors.md from the error table: one section for each area, in the table's own order.

import { readFileSync } from "node:fs";
import { type ErrorCode, type ErrorRow, errorTable } from "#kernel/errors";
import { errorAdvice } from "./error-advice.ts";
import { printedBy, table } from "./page.ts";

const TABLE_FILE = "src/kernel/error-table.ts";

const INTRODUCTION = `# Errors

${printedBy}

Every fault that Lockgate answers with, logs or keeps with a dead letter has one of these codes. The disposition is what a
caller may do next, and the retry policy reads nothing else:

- **transient**: the other side provably did not act. It is tried again.
- **ambiguous**: the other side may have acted. It is read back first, and tried again only under an idempotency key.
- **permanent**: a person or a rule must change something first.

HTTP is the gateway's status, ACK the answer in MSA-1 (original mode; enhanced mode uses the matching CE or CR), 0357 the
condition code in ERR-3. No text ever holds a value from a message.`;

/** The table's areas: each comment that heads a section, with the codes below it. */
function areas(source: string): { title: string; codes: ErrorCode[] }[] {
  const found: { title: string; codes: ErrorCode[] }[] = [];
  for (const line of source.slice(source.indexOf("export const errorTable")).split("\n")) {
    const title = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
    if (title) found.push({ title, codes: [] });
    const code = /^ {2}([A-Z0-9_]+): /.exec(line)?.[1];
    if (code && Object.hasOwn(errorTable, code)) found.at(-1)?.codes.push(code as ErrorCode);
  }
  return found;
}

function rowOf(code: ErrorCode): string[] {
  const { disposition, http, ack, hl7, text }: ErrorRow = errorTable[code];
  const advice: Partial<Record<ErrorCode, string>> = errorAdvice;
  return [`\`${code}\``, disposition, String(http), ack, String(hl7), text, advice[code] ?? ""];
}

/** The whole page. */
export function errorsPage(): string {
  const heads = ["code", "disposition", "HTTP", "ACK", "0357", "text", "what to do"];
  const sections = areas(readFileSync(TABLE_FILE, "utf8")).map(
    ({ title, codes }) => `## ${title}\n\n${table(heads, codes.map(rowOf))}`,
  );
  return `${[INTRODUCTION, ...sections].join("\n\n")}\n`;
}
