// Holds the code to the arrows of ARCHITECTURE.md; each rule is first seen red on a seeded violation.

import { describe, expect, test } from "vitest";
import { circles, deadEnds, impurities, sideDoors, targetOf, thickFaces, upwardArrows } from "./arrows.ts";
import { importsOf, isCode, readSources, type Source, type Violation } from "./sources.ts";

type Rule = (sources: readonly Source[]) => Violation[];

const sources = readSources();

/** A file that imports. */
const file = (path: string, ...specifiers: string[]): Source => ({
  path,
  text: `// A seeded file.\n${specifiers.map((specifier) => `import { x } from "${specifier}";\n`).join("")}`,
});

test("reads the whole code base before it judges", () => {
  expect(sources.length).toBeGreaterThan(250);
  expect(sources.filter(({ path }) => path.startsWith("src/")).length).toBeGreaterThan(140);
  expect(sources.filter(isCode).flatMap(importsOf).length).toBeGreaterThan(1_000);
});

test("reads an import in every form it can have", () => {
  const text = [
    'import a from "static";',
    'import "effect";',
    'import type { B } from "types";',
    'import { type C } from "inline-types";',
    'import * as d from "namespace";',
    'export { e } from "export";',
    'export * from "export-all";',
    'export type * from "export-types";',
    'const f = await import("dynamic");',
    'type G = import("import-type").G;',
    '// import h from "comment";',
    "const i = 'import j from \"string\"';",
  ].join("\n");
  expect(importsOf({ path: "a.ts", text }).map(({ specifier, line }) => [line, specifier])).toEqual([
    [1, "static"],
    [2, "effect"],
    [3, "types"],
    [4, "inline-types"],
    [5, "namespace"],
    [6, "export"],
    [7, "export-all"],
    [8, "export-types"],
    [9, "dynamic"],
    [10, "import-type"],
  ]);
});

test.each([
  ["#lockgate", "src/sdk.ts"],
  ["#kernel/errors", "src/kernel/errors.ts"],
  ["#engine/audit", "src/engine/audit/index.ts"],
  ["#gateway", "src/gateway/index.ts"],
  ["./b.ts", "src/engine/audit/verify/b.ts"],
  ["../b.ts", "src/engine/audit/b.ts"],
  ["node:fs", undefined],
  ["zod", undefined],
])("knows that %s means %s", (specifier, target) => {
  expect(targetOf("src/engine/audit/verify/a.ts", specifier)).toBe(target);
});

describe("an arrow that the table does not hold is flagged", () => {
  test.each([
    ["kernel", "formats", "src/kernel/a.ts", "#formats/hl7v2"],
    ["kernel", "engine", "src/kernel/a.ts", "#engine/audit"],
    ["kernel", "app", "src/kernel/a.ts", "../app/config.ts"],
    ["formats", "engine", "src/formats/hl7v2/a.ts", "#engine/audit"],
    ["formats", "canonical", "src/formats/hl7v2/a.ts", "#canonical/model"],
    ["one format", "another", "src/formats/hl7v2/a.ts", "#formats/xml"],
    ["engine", "formats", "src/engine/audit/a.ts", "#formats/hl7v2"],
    ["engine", "canonical", "src/engine/audit/a.ts", "#canonical/model"],
    ["engine", "services", "src/engine/audit/a.ts", "#services/demographics"],
    ["canonical", "engine", "src/canonical/maps/a.ts", "#engine/audit"],
    ["canonical", "services", "src/canonical/maps/a.ts", "#services/demographics"],
    ["one service", "another", "src/services/supply/a.ts", "#services/demographics"],
    ["services", "connectors", "src/services/supply/a.ts", "#connectors/nav"],
    ["services", "gateway", "src/services/supply/a.ts", "#gateway"],
    ["one connector", "another", "src/connectors/mllp/a.ts", "#connectors/nav"],
    ["connectors", "services", "src/connectors/mllp/a.ts", "#services/demographics"],
    ["connectors", "gateway", "src/connectors/mllp/a.ts", "#gateway"],
    ["gateway", "connectors", "src/gateway/a.ts", "#connectors/mllp"],
    ["gateway", "app", "src/gateway/a.ts", "../app/config.ts"],
    ["sdk", "services", "src/sdk.ts", "#services/demographics"],
    ["sdk", "connectors", "src/sdk.ts", "#connectors/mllp"],
    ["sdk", "the kernel's database", "src/sdk.ts", "#kernel/db"],
    ["integrations", "canonical", "integrations/demo/a.ts", "#canonical/model"],
    ["integrations", "kernel", "integrations/demo/a.ts", "#kernel/errors"],
    ["one site", "another", "integrations/demo/a.ts", "../other/b.ts"],
    ["doubles", "kernel", "doubles/nav/a.ts", "#kernel/errors"],
    ["doubles", "connectors", "doubles/nav/a.ts", "#connectors/nav"],
    ["one double", "another", "doubles/nav/a.ts", "../pds/b.ts"],
    ["the product", "tests", "src/app/a.ts", "../../test/until.ts"],
  ])("%s to %s", (_from, _to, path, specifier) => {
    expect(upwardArrows([file(path, specifier)])).toHaveLength(1);
  });

  test.each([
    ["an import of types", 'import type { X } from "#engine/audit";'],
    ["an inline type", 'import { type X } from "#engine/audit";'],
    ["a re-export", 'export { x } from "#engine/audit";'],
    ["a dynamic import", 'const x = await import("#engine/audit");'],
    ["a type of an import", 'type X = import("#engine/audit").X;'],
  ])("in the form of %s", (_form, statement) => {
    expect(upwardArrows([{ path: "src/kernel/a.ts", text: `// A seeded file.\n${statement}` }])).toHaveLength(1);
  });
});

test("an arrow that the table holds is let through", () => {
  const lawful = [
    file("src/kernel/a.ts", "./b.ts", "node:fs", "pg"),
    file("src/formats/hl7v2/a.ts", "#kernel/errors", "./types.ts"),
    file("src/engine/channels/a.ts", "#kernel/db", "#engine/backbone"),
    file("src/canonical/maps/a.ts", "#kernel/errors", "#formats/hl7v2", "#canonical/model"),
    file("src/services/supply/a.ts", "#kernel/db", "#formats/hl7v2", "#engine/audit", "#canonical/model"),
    file("src/connectors/mllp/a.ts", "#kernel/db", "#formats/hl7v2", "#engine/channels", "#canonical/contracts"),
    file("src/gateway/routes/a.ts", "#services/demographics", "#engine/audit", "../types.ts"),
    file("src/sdk.ts", "#engine/channels", "#canonical/maps", "#formats/hl7v2", "#kernel/errors"),
    file("src/app/a.ts", "#connectors/nav", "#services/demographics", "#gateway", "../../doubles/nav/index.ts"),
    file("integrations/demo/a.channel.ts", "#lockgate", "./codes.ts"),
    file("doubles/nav/a.ts", "#formats/hl7v2", "./b.ts"),
    file("test/engine/a.test.ts", "../../src/engine/audit/merkle.ts"),
  ];
  expect(upwardArrows(lawful)).toEqual([]);
});

const seeded: [string, Rule, Source[]][] = [
  ["another module entered past its face", sideDoors, [file("src/engine/channels/a.ts", "../audit/store.ts")]],
  ["the kernel entered by a path", sideDoors, [file("src/engine/channels/a.ts", "../../kernel/db.ts")]],
  ["a module that imports its own index.ts", sideDoors, [file("src/engine/audit/a.ts", "./index.ts")]],
  [
    "a deeper file that imports its module's index.ts",
    sideDoors,
    [file("src/engine/audit/verify/a.ts", "../index.ts")],
  ],
  ["a module that imports itself by its # name", sideDoors, [file("src/engine/audit/a.ts", "#engine/audit")]],
  ["a kernel file that imports by the # name", sideDoors, [file("src/kernel/a.ts", "#kernel/db")]],
  [
    "a face that is too long",
    thickFaces,
    [{ path: "src/engine/audit/index.ts", text: 'export { x } from "./x.ts";\n'.repeat(31) }],
  ],
  ["a face with logic", thickFaces, [{ path: "src/engine/audit/index.ts", text: "export const x = 1;\n" }]],
  ["a face that imports", thickFaces, [{ path: "src/engine/audit/index.ts", text: 'import "./x.ts";\n' }]],
  ["a circle of two files", circles, [file("src/kernel/a.ts", "./b.ts"), file("src/kernel/b.ts", "./a.ts")]],
  [
    "a circle of types over three modules",
    circles,
    [
      { path: "src/engine/a/index.ts", text: 'export type { A } from "./a.ts";' },
      { path: "src/engine/a/a.ts", text: 'import type { B } from "#engine/b";' },
      { path: "src/engine/b/index.ts", text: 'export type { B } from "./b.ts";' },
      { path: "src/engine/b/b.ts", text: 'type B = import("#engine/a").A;' },
    ],
  ],
  ["an import that leads nowhere", deadEnds, [file("src/kernel/a.ts", "./gone.ts")]],
  ["a format that reads files", impurities, [file("src/formats/hl7v2/a.ts", "node:fs/promises")]],
  ["a canonical rule that asks the database", impurities, [file("src/canonical/rules/a.ts", "pg")]],
];

test.each(seeded)("%s is flagged", (_what, rule, files) => {
  expect(rule(files)).toHaveLength(1);
});

test.each<[string, Rule]>([
  ["imports only what the table of arrows lets it", upwardArrows],
  ["enters modules by their faces", sideDoors],
  ["has faces that only re-export", thickFaces],
  ["has no circles", circles],
  ["has no import that leads nowhere", deadEnds],
  ["keeps formats and canonical rules pure", impurities],
])("the code %s", (_promise, rule) => {
  expect(rule(sources)).toEqual([]);
});
