// `lockgate rules`: what decisions rest on, what another pack would have decided, and putting one in force.

import { readFileSync } from "node:fs";
import { readPack } from "#canonical/packs";
import type { RulesInForce, StoredDocument } from "#engine/rules";
import { LockgateError } from "#kernel/errors";
import { type Caller, call } from "../client.ts";
import { EXIT, print, show, table } from "../output.ts";

/** As the wire has it: instants are texts. */
type InForce = Omit<RulesInForce, "at"> & { readonly at: string };
type DryRun = {
  readonly decided: number;
  readonly changed: number;
  readonly byField: Readonly<Record<string, number>>;
  readonly differences: readonly { journeyId: string; at: string; field: string; was: string; would: string }[];
};

const path = (name: string): string => `/rules/${encodeURIComponent(name)}`;
const short = (digest: string): string => digest.slice(0, 12);
const rows = (listed: readonly InForce[]): string[][] =>
  listed.map(({ name, version, digest, at, by }) => [name, version, short(digest), at, by]);
const HEADING = ["name", "version", "digest", "in force since", "by"];

/** Lists what is in force. */
export async function listRules(caller: Caller, json: boolean): Promise<number> {
  const { rules } = await call<{ rules: InForce[] }>(caller, "GET", "/rules");
  show(json, rules, () => (rules.length === 0 ? "no rules" : table([HEADING, ...rows(rules)])));
  return EXIT.done;
}

/** Shows the text in force under a name, and what was in force before. */
export async function showRules(caller: Caller, name: string, json: boolean): Promise<number> {
  const answer = await call<StoredDocument & { history: InForce[] }>(caller, "GET", path(name));
  show(json, answer, () => `${answer.text.trimEnd()}\n\n${table([HEADING, ...rows(answer.history)])}`);
  return EXIT.done;
}

/** Says whether a file is a pack that may be applied; asks nobody. */
export async function checkRules(file: string, json: boolean): Promise<number> {
  const { name, version, digest } = readFile(file).pack;
  show(json, { name, version, digest }, () => `${name} ${version} is well-formed (digest ${short(digest)})`);
  return EXIT.done;
}

/** Puts a file in force under the name that it says. */
export async function applyRules(caller: Caller, file: string, json: boolean): Promise<number> {
  const { text, pack } = readFile(file);
  const answer = await call<{ version: string; digest: string; changed: boolean }>(
    caller,
    "PUT",
    path(pack.name),
    {
      text,
    },
    await asSeen(caller, pack.name),
  );
  const deed = answer.changed ? "is in force on every node within a second" : "was in force already";
  show(json, answer, () => `${pack.name} ${answer.version} ${deed} (digest ${short(answer.digest)})`);
  return EXIT.done;
}

/** What the change is meant for: what is in force now, or that nothing is yet. */
async function asSeen(caller: Caller, name: string): Promise<Record<string, string>> {
  try {
    return { "if-match": `"${(await call<StoredDocument>(caller, "GET", path(name))).digest}"` };
  } catch (thrown) {
    if (thrown instanceof LockgateError && thrown.code === "RULES_UNKNOWN") return { "if-none-match": "*" };
    throw thrown;
  }
}

/** What the file would have decided otherwise in the last days. */
export async function dryRunRules(caller: Caller, file: string, days: number, json: boolean): Promise<number> {
  const { text, pack } = readFile(file);
  const answer = await call<DryRun>(caller, "POST", `${path(pack.name)}/dry-run`, { text, days });
  if (json) print(JSON.stringify(answer, undefined, 2));
  else print(describe(answer));
  return EXIT.done;
}

function describe({ decided, changed, byField, differences }: DryRun): string {
  const summary = `${changed} of ${decided} decisions would come out otherwise`;
  if (changed === 0) return summary;
  const counts = Object.entries(byField).map(([field, count]) => [field, `${count}`]);
  const lines = differences.map(({ journeyId, at, field, was, would }) => [at, journeyId, field, was, would]);
  return [
    summary,
    table([["field", "differences"], ...counts]),
    "",
    table([["at", "journey", "field", "was", "would be"], ...lines]),
  ].join("\n");
}

/** @throws CONFIG_INVALID when there is no such file; RULES_INVALID */
function readFile(file: string): { readonly text: string; readonly pack: ReturnType<typeof readPack> } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new LockgateError("CONFIG_INVALID", { at: file, reason: "cannot be read", cause });
  }
  return { text, pack: readPack(text) };
}
