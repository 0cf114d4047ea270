// The API documents as data: OpenAPI 3.1 files of a folder, with every reference replaced by what it refers to.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { LockgateError } from "#kernel/errors";

/** A JSON Schema of dialect 2020-12, as OpenAPI 3.1 has them. */
export type Schema = { readonly [keyword: string]: unknown };

/** One version of one API product, as its document says it. */
export type ApiDocument = {
  /** As the file is called, without its ending: `ops.v1`. */
  readonly name: string;
  /** The text as it is, for whoever asks for it. */
  readonly text: string;
  readonly info: Info;
  /** What stands before every path. */
  readonly base: string;
  readonly paths: { readonly [path: string]: { readonly [method: string]: OperationNode } };
};

/** Whose the product is, and how much hangs on it. */
export type Info = {
  readonly title: string;
  readonly version: string;
  readonly summary?: string;
  readonly "x-lockgate-product": string;
  readonly "x-lockgate-owner": string;
  readonly "x-lockgate-criticality": "critical" | "high" | "normal" | "low";
};

/** One operation, as far as the gateway reads it. */
export type OperationNode = {
  readonly operationId: string;
  readonly summary: string;
  readonly deprecated?: boolean;
  readonly parameters?: readonly ParameterNode[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: { readonly [status: string]: { readonly content?: Content } };
  readonly "x-lockgate-action"?: readonly string[];
  /** Others write the query, and may put into it what they like. */
  readonly "x-lockgate-open-query"?: boolean;
  /** The instant since which it is deprecated, and the one at which it ends: ISO 8601. */
  readonly "x-deprecated-at"?: string;
  readonly "x-sunset"?: string;
  /** How what this version says becomes what the platform means, and back: `transformShape`. */
  readonly "x-lockgate-transform"?: unknown;
};

export type ParameterNode = {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: boolean;
  readonly schema: Schema;
};

export type Content = { readonly [mediaType: string]: { readonly schema?: Schema } };

const FORM = /^[a-z]+\.v\d+\.yaml$/;
const MOST_NESTED = 60;

/** Reads the documents of a folder, by name. @throws CONTRACT_INVALID */
export function readDocuments(folder: string): readonly ApiDocument[] {
  const files = readdirSync(folder).filter((file) => FORM.test(file));
  return files
    .sort()
    .map((file) => readDocument(file.replace(/\.yaml$/, ""), readFileSync(join(folder, file), "utf8")));
}

/** Reads one document. @throws CONTRACT_INVALID */
export function readDocument(name: string, text: string): ApiDocument {
  const { info, servers, paths } = resolved(name, parse(text)) as {
    readonly info: Info;
    readonly servers: readonly { readonly url: string }[];
    readonly paths: ApiDocument["paths"];
  };
  const base = servers[0]?.url ?? "/";
  return { name, text, info, base: base === "/" ? "" : base, paths };
}

/** The document with no reference left. References point into the document itself, and to nothing that holds them. */
export function resolved(name: string, document: unknown): unknown {
  const known = new Map<string, unknown>();
  const at = (pointer: string): unknown =>
    pointer
      .slice(2)
      .split("/")
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
      .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], document);
  const follow = (pointer: string, depth: number): unknown => {
    const had = known.get(pointer);
    if (had !== undefined) return had;
    const found = pointer.startsWith("#/") ? at(pointer) : undefined;
    if (found === undefined)
      throw new LockgateError("CONTRACT_INVALID", { at: `${name} ${pointer}`, reason: "unknown" });
    const followed = walk(found, depth + 1);
    known.set(pointer, followed);
    return followed;
  };
  const walk = (node: unknown, depth: number): unknown => {
    if (depth > MOST_NESTED) throw new LockgateError("CONTRACT_INVALID", { at: name, reason: "holds itself" });
    if (Array.isArray(node)) return node.map((one) => walk(one, depth + 1));
    if (typeof node !== "object" || node === null) return node;
    const { $ref: reference, ...beside } = node as { readonly $ref?: unknown };
    if (typeof reference !== "string")
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value, depth + 1)]));
    // What stands beside a reference to a schema (2020-12 §8.2.3) adds to it; nothing of ours contradicts.
    return { ...(follow(reference, depth) as object), ...(walk(beside, depth) as object) };
  };
  return walk(document, 0);
}
