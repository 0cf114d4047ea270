// Validation by JSON Schema 2020-12, the dialect of OpenAPI 3.1; each schema is compiled when it is first needed.

import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { Schema } from "./documents.ts";

/** Whether a value is as the schema says; what is wrong with it otherwise stands in `errors`. */
export type Validate = { (value: unknown): boolean; errors?: ErrorObject[] | null };

/** Compiles schemas. `isText`: values come as texts (paths, queries, headers) and are read as what the schema says. */
export function openValidators({ isText }: { readonly isText: boolean }): (schema: Schema) => Validate {
  // What the contract does not name is refused, not dropped; in a body a number is not taken for a text.
  const ajv = new Ajv2020({ strict: false, coerceTypes: isText, removeAdditional: false, useDefaults: true });
  formats.default(ajv);
  return (schema) => {
    let compiled: Validate | undefined;
    const validate: Validate = (value) => {
      compiled ??= ajv.compile(schema);
      const isValid = compiled(value);
      validate.errors = compiled.errors ?? null;
      return isValid;
    };
    return validate;
  };
}

const NESTING = ["properties", "patternProperties", "$defs"];
const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const SINGLE = ["items", "additionalProperties", "not"];

/**
 * The schema with every object closed that says what it holds. To callers an answer is open, so that it may grow; to
 * ourselves it is closed, or what no document names could leave.
 */
export function closed(schema: Schema, isPart = false): Schema {
  const inner = (node: unknown, part: boolean): unknown =>
    typeof node === "object" && node !== null && !Array.isArray(node) ? closed(node as Schema, part) : node;
  const copy: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (NESTING.includes(keyword))
      copy[keyword] = Object.fromEntries(
        Object.entries(value as object).map(([name, one]) => [name, inner(one, false)]),
      );
    else if (LISTS.includes(keyword))
      copy[keyword] = (value as readonly unknown[]).map((one) => inner(one, keyword === "allOf"));
    else copy[keyword] = SINGLE.includes(keyword) ? inner(value, false) : value;
  }
  const says = schema.properties !== undefined || schema.allOf !== undefined;
  // Parts of an `allOf` would each close the other out: the whole is closed instead.
  return says && !isPart && schema.additionalProperties === undefined
    ? { ...copy, unevaluatedProperties: false }
    : copy;
}
