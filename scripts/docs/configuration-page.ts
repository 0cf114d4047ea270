// Prints docs/configuration.md from the strict schemas: every setting with its type, default, meaning and variable.

import { homedir } from "node:os";
import { z } from "zod";
import { mllpDestinationSettings, mllpSourceSettings } from "#connectors/mllp";
import { configSchema, environmentSettings, knownVariables } from "../../src/app/config.ts";
import { printedBy, table } from "./page.ts";

/** The parts of JSON Schema that our settings use. */
type Schema = {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
};

/** One setting as it is printed. */
export type Setting = { readonly path: string; readonly schema: Schema; readonly required: boolean };

/** Every setting of a strict object, outermost first; a group is a setting of its own only where it may be left out. */
export function settingsOf(schema: z.ZodType): Setting[] {
  const walk = (object: Schema, within: string): Setting[] =>
    Object.entries(object.properties ?? {}).flatMap(([name, inner]) => {
      const path = within ? `${within}.${name}` : name;
      const required = object.required?.includes(name) ?? false;
      const isPlainGroup = inner.properties !== undefined && inner.description === undefined;
      return [...(isPlainGroup ? [] : [{ path, schema: inner, required }]), ...walk(inner, path)];
    });
  return walk(z.toJSONSchema(schema, { io: "input" }) as Schema, "");
}

const grouped = (value: number): string => value.toLocaleString("en-GB");

function typeOf({ type, enum: choices, minimum, maximum, minLength, maxLength, pattern, format }: Schema): string {
  if (choices) return choices.map((choice) => `\`${choice}\``).join(" or ");
  if (type === "integer") {
    const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
    const range =
      most === undefined ? `, from ${grouped(minimum ?? 0)}` : `, ${grouped(minimum ?? 0)} to ${grouped(most)}`;
    return `whole number${range}`;
  }
  if (type === "boolean") return "`true` or `false`";
  if (type === "object") return "group";
  if (format === "uuid") return "UUID";
  if (pattern) return `text like \`${pattern}\``;
  return maxLength ? `text of ${minLength ?? 0} to ${maxLength} characters` : "text";
}

function defaultOf({ schema, required }: Setting): string {
  if (required) return "(required)";
  if (schema.default === undefined || schema.type === "object") return "";
  const shown =
    typeof schema.default === "number" ? String(schema.default) : String(schema.default).replace(homedir(), "~");
  return `\`${shown}\``;
}

function settingsTable(schema: z.ZodType): string {
  const variables = new Map(environmentSettings.map(({ variable, path }) => [path.join("."), variable]));
  const rows = settingsOf(schema).map((setting) => {
    const variable = schema === configSchema ? variables.get(setting.path) : undefined;
    const meaning = `${setting.schema.description ?? ""}${variable ? ` Variable: \`${variable}\`.` : ""}`;
    return [`\`${setting.path}\``, typeOf(setting.schema), defaultOf(setting), meaning];
  });
  return table(["setting", "type", "default", "meaning"], rows);
}

/** What variables mean that are no settings. */
const OTHER_VARIABLES: Readonly<Record<string, string>> = {
  LOCKGATE_CONFIG: "Path of the YAML file with the settings.",
  "LOCKGATE_SECRET_*":
    "A secret of the store `environment`: `LOCKGATE_SECRET_NAV_ACCESS_KEY` is `secret://nav-access-key`.",
  LOCKGATE_SHARED: "Tests: folder of outside test data; tests that need it are skipped where it is absent.",
  LOCKGATE_TIER: "Tests: `slow` runs the slow tier in place of the quick one.",
};

function variablesTable(): string {
  const settings = environmentSettings.map(({ variable, path }) => [
    `\`${variable}\``,
    `Setting \`${path.join(".")}\`.`,
  ]);
  const others = knownVariables.map((variable) => [`\`${variable}\``, OTHER_VARIABLES[variable] ?? ""]);
  return table(["variable", "meaning"], [...settings, ...others]);
}

/** Variables that have no text, and texts that have no variable. */
export function unexplainedVariables(): string[] {
  const known = new Set(knownVariables);
  return [
    ...knownVariables.filter((variable) => !OTHER_VARIABLES[variable]),
    ...Object.keys(OTHER_VARIABLES).filter((variable) => !known.has(variable)),
  ];
}

/** The whole page. */
export function configurationPage(): string {
  return `# Configuration

${printedBy}

Settings come from a YAML file named by \`LOCKGATE_CONFIG\`, then from environment variables over it, then from the defaults
below; with neither file nor variables the demo site runs. An unknown or invalid setting stops the start with one line that
says which and why, and so does an unknown variable that begins with \`LOCKGATE_\`. A group without a row of its own
may always be left out.

## Settings

${settingsTable(configSchema)}

## MLLP wires

A channel's code gives these to its source or destination; they are checked as strictly when the channel starts.

### \`mllp(…)\`, a wire to listen on

${settingsTable(mllpSourceSettings)}

### \`mllpTo(…)\`, a wire to send on

${settingsTable(mllpDestinationSettings)}

## Environment variables

${variablesTable()}
`;
}
