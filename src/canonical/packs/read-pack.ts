// A rule pack from its YAML.

import { createHash } from "node:crypto";
import { LineCounter, parseDocument } from "yaml";
import { LockgateError } from "#kernel/errors";
import { type Pack, packSchema } from "./pack-schema.ts";

/** Reads a pack. @throws RULES_INVALID at the first thing that is wrong, with the reason in one line */
export function readPack(yamlText: string): Pack {
  const result = packSchema.safeParse(readYaml(yamlText));
  if (result.success) return { ...result.data, digest: digestOf(result.data) };
  const issue = result.error.issues[0]!;
  throw invalid(issue.path.join(".") || "the pack", issue.message);
}

function readYaml(text: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: "error" });
  const [error] = [...document.errors, ...document.warnings];
  if (error) throw invalid(`line ${lineCounter.linePos(error.pos[0]).line}`, error.message.split(/ at line |\n/)[0]!);
  try {
    return document.toJS();
  } catch {
    // Aliases that would unfold into more than anybody writes by hand.
    throw invalid("the pack", "too many aliases");
  }
}

const invalid = (at: string, reason: string): LockgateError => new LockgateError("RULES_INVALID", { at, reason });

const digestOf = (content: object): string =>
  createHash("sha256")
    .update(JSON.stringify(ordered(content)))
    .digest("hex");

/** The same value with every object's names in order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, ordered(member)]),
  );
}
