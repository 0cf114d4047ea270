// The rule packs of an installation: the shipped ones are put in force at the first start, and changed from then on by people.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Pack, readPack } from "#canonical/packs";
import { openRules, type Rules } from "#engine/rules";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";
import { root } from "./installation.ts";

const SHIPPED = ["demographics"] as const;

/** Opens the packs. @throws RULES_INVALID when a shipped one is not of the documented form */
export async function openSiteRules(needs: {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<Rules<Pack>> {
  const rules = openRules(needs, { check: (_, text) => readPack(text) });
  for (const name of SHIPPED)
    await rules.install(name, await readFile(join(root, "resources/rules", `${name}.yaml`), "utf8"));
  return rules;
}
