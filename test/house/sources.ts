// The project's own source files as text, and what their syntax says: imports, words, declarations.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vitest/node";

/** A source file; `path` is relative to the root, with forward slashes. */
export type Source = { readonly path: string; readonly text: string };

/** A broken rule, and where. `line` counts from 1. */
export type Violation = { readonly path: string; readonly line: number; readonly what: string };

/** A node of the syntax tree (ESTree with TypeScript), with whatever else its type carries. */
export type Node = {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
};

const FOLDERS = ["bench", "bin", "console", "doubles", "integrations", "migrations", "scripts", "src", "test"];
const SOURCE_FILE = /(?<!\.d)\.(ts|tsx|mjs|sql)$/;
/** Not ours, or made from what is; so are printed types. */
const LEFT_OUT = ["node_modules", "dist"];

/** Every source file under the root. */
export function readSources(root = "."): Source[] {
  const walk = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return LEFT_OUT.includes(entry.name) ? [] : walk(path);
      return SOURCE_FILE.test(entry.name) ? [path] : [];
    });
  const present = readdirSync(root).filter((name) => FOLDERS.includes(name));
  return present.flatMap(walk).map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Whether the file has a syntax tree. */
export const isCode = ({ path }: Source): boolean => /\.(ts|tsx|mjs)$/.test(path);

const languageOf = (path: string) => (path.endsWith(".mjs") ? "js" : path.endsWith(".tsx") ? "tsx" : "ts");

const trees = new WeakMap<Source, Node>();

/** The syntax tree of a file. */
export function treeOf(source: Source): Node {
  const known = trees.get(source);
  if (known) return known;
  const tree = parseAst(source.text, { lang: languageOf(source.path) }) as unknown as Node;
  trees.set(source, tree);
  return tree;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value;

/** The nodes directly below `node`. */
const childrenOf = (node: Node): Node[] =>
  Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));

/** Visits `node` and everything below it, parents first; `ancestors` runs from the root to the parent. */
export function visit(
  node: Node,
  look: (node: Node, ancestors: readonly Node[]) => void,
  ancestors: readonly Node[] = [],
): void {
  look(node, ancestors);
  const below = [...ancestors, node];
  for (const child of childrenOf(node)) visit(child, look, below);
}

/** The line of an offset, counted from 1. */
export function lineAt(source: Source, offset: number): number {
  return source.text.slice(0, offset).split("\n").length;
}

/** An import in any form: static, dynamic, of types, or an `export … from`. */
export type Import = { readonly specifier: string; readonly line: number };

const IMPORTING = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);

const imports = new WeakMap<Source, Import[]>();

/** Every import of a file. One whose address is computed has no literal and is not listed. */
export function importsOf(source: Source): Import[] {
  const known = imports.get(source);
  if (known) return known;
  const found: Import[] = [];
  visit(treeOf(source), (node) => {
    const literal = node.source;
    if (!IMPORTING.has(node.type) || !isNode(literal) || typeof literal.value !== "string") return;
    found.push({ specifier: literal.value, line: lineAt(source, node.start) });
  });
  imports.set(source, found);
  return found;
}

/** A string literal or a piece of a template. */
export type Text = { readonly text: string; readonly line: number; readonly ancestors: readonly Node[] };

/** Every string in a file, except import addresses. Comments are not strings. */
export function stringsOf(source: Source): Text[] {
  const found: Text[] = [];
  visit(treeOf(source), (node, ancestors) => {
    if (IMPORTING.has(ancestors.at(-1)?.type ?? "")) return;
    const text =
      node.type === "TemplateElement"
        ? (node.value as { cooked?: string }).cooked
        : node.type === "Literal"
          ? node.value
          : undefined;
    if (typeof text === "string") found.push({ text, line: lineAt(source, node.start), ancestors });
  });
  return found;
}

/** Every identifier of a file. */
export function identifiersOf(source: Source): { readonly name: string; readonly line: number }[] {
  const found: { name: string; line: number }[] = [];
  visit(treeOf(source), (node) => {
    if (node.type === "Identifier" && typeof node.name === "string")
      found.push({ name: node.name, line: lineAt(source, node.start) });
  });
  return found;
}
