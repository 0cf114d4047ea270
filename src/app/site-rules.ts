// The rule packs of an installation: the shipped ones are put in force at the first start, and changed from then on by people.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Pack, readPack } from "#canonical/packs";
import { openRules, type RuleDocument, type Rules } from "#engine/rules";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";
import { type MatchRules, matchRulesName, readMatchRules } from "#services/matching";
import { root } from "./installation.ts";

const SHIPPED: readonly (readonly [name: string, file: string])[] = [
  ["demographics", "resources/rules/demographics.yaml"],
  [matchRulesName, "resources/matching/rules.yaml"],
];

/** The rules of a site, and what is in force of each kind. */
export type SiteRules = {
  readonly all: Rules;
  readonly packs: { current(name: string): Promise<Pack> };
  readonly matching: { current(name: string): Promise<MatchRules> };
};

/** Opens the rules. @throws RULES_INVALID when a shipped one is not of the documented form */
export async function openSiteRules(needs: {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<SiteRules> {
  const all = openRules(needs, {
    check: (name, text): RuleDocument => (name === matchRulesName ? matchDocument(text) : readPack(text)),
  });
  for (const [name, file] of SHIPPED) await all.install(name, await readFile(join(root, file), "utf8"));
  // Each name is read as what it is: the check has seen to that.
  return {
    all,
    packs: { current: (name) => all.current(name) as Promise<Pack> },
    matching: { current: (name) => all.current(name) as Promise<MatchRules & RuleDocument> },
  };
}

function matchDocument(text: string): MatchRules & RuleDocument {
  const rules = readMatchRules(text);
  return { ...rules, digest: createHash("sha256").update(JSON.stringify(rules)).digest("hex") };
}
