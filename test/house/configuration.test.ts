// Holds docs/configuration.md to the schemas of the settings, in both directions.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { mllpDestinationSettings, mllpSourceSettings } from "#connectors/mllp";
import { configurationPage, settingsOf, unexplainedVariables } from "../../scripts/docs/configuration-page.ts";
import { configSchema, environmentSettings } from "../../src/app/config.ts";

const page = readFileSync("docs/configuration.md", "utf8");

/** The settings that a section's table names. */
function namedIn(heading: string): string[] {
  const section = page.slice(page.indexOf(`\n${heading}`) + heading.length + 1).split(/^#{2,3} /m)[0] ?? "";
  return [...section.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, path = ""]) => path);
}

test.each([
  ["## Settings", configSchema],
  ["### `mllp(…)`", mllpSourceSettings],
  ["### `mllpTo(…)`", mllpDestinationSettings],
])("the section %s names every setting of its schema and no other", (heading, schema) => {
  const paths = settingsOf(schema).map(({ path }) => path);
  expect(paths.length).toBeGreaterThan(7);
  expect(namedIn(heading)).toEqual(paths);
});

test("every setting says what it means", () => {
  const all = [configSchema, mllpSourceSettings, mllpDestinationSettings].flatMap(settingsOf);
  expect(all.filter(({ schema }) => !schema.description).map(({ path }) => path)).toEqual([]);
});

test("every setting that a variable can give is a setting of the schema", () => {
  const paths = settingsOf(configSchema).map(({ path }) => path);
  expect(environmentSettings.map(({ path }) => path.join(".")).filter((path) => !paths.includes(path))).toEqual([]);
});

test("every other variable is explained, and none is explained that is not read", () => {
  expect(unexplainedVariables()).toEqual([]);
});

test("the page is what scripts/print-docs.ts prints", () => {
  expect(page).toBe(configurationPage());
});

test("a setting within a group is found by its whole path, and a plain group has no row", () => {
  const inner = z.strictObject({ level: z.string().default("low").describe("How much.") }).prefault({});
  expect(settingsOf(z.strictObject({ log: inner })).map(({ path }) => path)).toEqual(["log.level"]);
});
