// Policies from their files: parsed, checked against the schema, and every one with an id and words for people.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type PolicyJson, policySetTextToParts, policyToJson, validate } from "@cedar-policy/cedar-wasm/nodejs";
import { z } from "zod";
import { LockgateError } from "#kernel/errors";
import { obligations } from "./actions.ts";
import { type PolicyText, refusals } from "./types.ts";

/** Names in annotations, each once, after commas. */
const listOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z
    .string()
    .transform((text) => text.split(",").map((name) => name.trim()))
    .pipe(z.array(z.enum(names)));

const annotationShape = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  says: z.string().regex(/^[A-Z].*\.$/),
  needs: z
    .string()
    .min(1)
    .transform((text) => text.split(";").map((part) => part.trim())),
  obliges: listOf(obligations).optional(),
  code: z.enum(refusals).optional(),
});

/** A policy as it was read. */
export type ReadPolicy = PolicyText & {
  readonly json: PolicyJson;
  readonly obliges: readonly (typeof obligations)[number][];
  /** Of a policy that forbids: how the wire says so. */
  readonly code: (typeof refusals)[number];
};

/** All that is decided by. */
export type PolicySource = {
  readonly schema: string;
  readonly policies: readonly ReadPolicy[];
  /** Of the texts: the same digest, the same decisions. */
  readonly digest: string;
};

const invalid = (at: string, reason: string): LockgateError => new LockgateError("POLICY_INVALID", { at, reason });

/**
 * Reads `*.cedar` and `schema.cedarschema` of a folder.
 * @throws POLICY_INVALID at the first thing that is wrong, with file and reason in one line
 */
export function readPolicies(folder: string): PolicySource {
  const files = readFolder(folder);
  const schema = files.find(({ name }) => name === "schema.cedarschema")?.text;
  if (schema === undefined) throw invalid("schema.cedarschema", "is missing");
  const policies = files
    .filter(({ name }) => name.endsWith(".cedar"))
    .flatMap(({ name, text }) => readFile(name, text));
  if (policies.length === 0) throw invalid(folder, "holds no policy");
  const twice = policies.find(({ id }, index) => policies.findIndex((other) => other.id === id) < index);
  if (twice) throw invalid(twice.id, "two policies have this id");
  refuseInvalid(schema, policies);
  const digest = createHash("sha256")
    .update(JSON.stringify([schema, policies]))
    .digest("hex");
  return { schema, policies, digest };
}

function readFolder(folder: string): { readonly name: string; readonly text: string }[] {
  try {
    const names = readdirSync(folder).filter((name) => /\.cedar(schema)?$/.test(name));
    return names.toSorted().map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
  } catch (cause) {
    throw new LockgateError("POLICY_INVALID", { at: folder, reason: "cannot be read", cause });
  }
}

function readFile(file: string, text: string): ReadPolicy[] {
  const parts = policySetTextToParts(text);
  if (parts.type === "failure") throw invalid(file, parts.errors[0]?.message ?? "is not Cedar");
  if (parts.policy_templates.length > 0) throw invalid(file, "a template decides nothing");
  return inOrder(text, parts.policies).map((policy) => readPolicy(file, policy));
}

/** Cedar hands them out by its own numbering, in which ten comes before two. */
const inOrder = (text: string, policies: readonly string[]): string[] =>
  policies.toSorted((a, b) => text.indexOf(a) - text.indexOf(b));

function readPolicy(file: string, text: string): ReadPolicy {
  const parsed = policyToJson(text);
  if (parsed.type === "failure") throw invalid(file, parsed.errors[0]?.message ?? "is not Cedar");
  const { json } = parsed;
  const at = `${file}, ${json.annotations?.id ?? "a policy without @id"}`;
  const annotations = annotationShape.safeParse(json.annotations ?? {});
  if (!annotations.success) {
    const issue = annotations.error.issues[0]!;
    throw invalid(at, `@${issue.path.join(".")}: ${issue.message}`);
  }
  const { id, says, needs, obliges = [], code = "ACCESS_REFUSED" } = annotations.data;
  const asked = json.effect === "permit" ? Math.max(1, json.conditions.length) : 1;
  if (needs.length !== asked) throw invalid(at, `@needs: ${needs.length} parts for ${asked} conditions`);
  if (json.effect === "forbid" && obliges.length > 0) throw invalid(at, "@obliges: of a policy that forbids");
  return { id, effect: json.effect, says, needs, json, obliges, code };
}

/** By id, as Cedar takes them and as it names them in its answers. */
export const staticPolicies = (policies: readonly ReadPolicy[]): Record<string, PolicyJson> =>
  Object.fromEntries(policies.map(({ id, json }) => [id, json]));

/** A warning counts as well: a policy that can never apply is a mistake. */
function refuseInvalid(schema: string, policies: readonly ReadPolicy[]): void {
  const answer = validate({ schema, policies: { staticPolicies: staticPolicies(policies) } });
  if (answer.type === "failure") throw invalid("schema.cedarschema", answer.errors[0]?.message ?? "is not a schema");
  const [found] = [...answer.validationErrors, ...answer.validationWarnings];
  if (found) throw invalid(found.policyId, found.error.message);
}
