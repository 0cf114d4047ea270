// Prints the types of API documents for those who call them, by a generator that nobody here wrote.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");
const GENERATOR = join(import.meta.dirname, "types/node_modules/openapi-typescript/bin/cli.js");
const MOST_BYTES = 16_000_000;

/** Which document's types stand where. */
export const printed = [
  { document: "resources/openapi/demographics.v1.yaml", types: "resources/openapi/types/demographics.v1.d.ts" },
  { document: "resources/openapi/ops.v1.yaml", types: "console/src/api/ops.d.ts" },
] as const;

/** The types of a document. */
export async function typesOf(document: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [GENERATOR, document], {
    cwd: root,
    maxBuffer: MOST_BYTES,
  });
  return stdout;
}

if (import.meta.main)
  for (const { document, types } of printed) writeFileSync(join(root, types), await typesOf(document));
