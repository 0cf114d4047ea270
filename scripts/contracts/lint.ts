// Lint of API documents by Redocly's rules, and a few of ours in `redocly.yaml`. Runs offline.

import { join } from "node:path";
import { lint, loadConfig } from "@redocly/openapi-core";

/** What is wrong with a document: where, and by which rule. */
export async function lintDocument(file: string): Promise<string[]> {
  const config = await loadConfig({ configPath: join(import.meta.dirname, "redocly.yaml") });
  const problems = await lint({ ref: file, config });
  return problems.map(({ ruleId, message, location }) => `${location[0]?.pointer ?? ""}: ${message} (${ruleId})`);
}
