// Strict configuration: an unknown or invalid setting stops the start with one line that says which and why.

import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { z } from "zod";
import { LockgateError } from "./errors.ts";

/** One way to give a setting by environment variable. */
export type EnvironmentSetting = {
  readonly variable: string;
  readonly path: readonly string[];
  readonly isNumber?: boolean;
};

/** Variables of this prefix that no setting takes are refused, so that a misspelt one cannot go unnoticed. */
const PREFIX = "LOCKGATE_";

/**
 * Loads settings: the YAML file, then the environment over it, then the schema's defaults.
 * @param known variables of the prefix that mean something elsewhere; one that ends with `*` is the beginning of many
 * @throws CONFIG_INVALID at the setting's path
 */
export function loadConfig<Schema extends z.ZodType>(
  schema: Schema,
  sources: {
    file?: string | undefined;
    environment: NodeJS.ProcessEnv;
    settings: readonly EnvironmentSetting[];
    known: readonly string[];
  },
): z.output<Schema> {
  const given = sources.file ? readYaml(sources.file) : {};
  for (const { variable, path, isNumber } of sources.settings) {
    const value = sources.environment[variable];
    if (value !== undefined && value !== "") assign(given, path, isNumber ? Number(value) : value);
  }
  const variables = new Set([...sources.settings.map((setting) => setting.variable), ...sources.known]);
  const beginnings = sources.known.filter((one) => one.endsWith("*")).map((one) => one.slice(0, -1));
  for (const variable of Object.keys(sources.environment)) {
    const isKnown = variables.has(variable) || beginnings.some((beginning) => variable.startsWith(beginning));
    if (variable.startsWith(PREFIX) && !isKnown) throw invalid(variable, "unknown variable");
  }
  return checkSettings(schema, given);
}

/** Checks `given` against a strict schema. @throws CONFIG_INVALID at the first offending setting */
export function checkSettings<Schema extends z.ZodType>(schema: Schema, given: unknown, within = ""): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
  // Zod's own words can quote the value; the kind of issue and the rule are enough.
  throw invalid(
    [...(within ? [within] : []), ...issue.path, ...keys].join("."),
    issue.code === "unrecognized_keys" ? "unknown setting" : reasonOf(issue),
  );
}

function reasonOf(issue: { code?: string | undefined; message: string }): string {
  return issue.code === "custom" ||
    issue.code === "invalid_type" ||
    issue.code === "too_small" ||
    issue.code === "too_big"
    ? issue.message
    : (issue.code ?? "invalid");
}

const invalid = (at: string, reason: string): LockgateError => new LockgateError("CONFIG_INVALID", { at, reason });

function readYaml(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new LockgateError("CONFIG_INVALID", { at: file, reason: "cannot be read", cause });
  }
  try {
    return (parse(text) as Record<string, unknown> | null) ?? {};
  } catch (cause) {
    throw new LockgateError("CONFIG_INVALID", { at: file, reason: "not YAML", cause });
  }
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = target[head] ?? {};
  target[head] = inner;
  if (typeof inner === "object") assign(inner as Record<string, unknown>, rest, value);
}
