// Operations of the API documents, in the form in which routes are registered.

import { LockgateError } from "#kernel/errors";
import type { Action } from "../policy/actions.ts";
import type { ApiDocument, Content, OperationNode, ParameterNode, Schema } from "./documents.ts";
import { type Transform, transformShape } from "./transformations.ts";

export const methods = ["get", "post", "put", "patch", "delete"] as const;

/** What a request has to look like; a part without a schema must be absent. */
export type RequestSchemas = {
  readonly params: Schema;
  readonly querystring: Schema;
  /** By lower-case names; others may be there. */
  readonly headers: Schema;
  readonly body: Schema | undefined;
  readonly isBodyRequired: boolean;
};

/** One operation: what a route needs to be registered, and what is told of it. */
export type Operation = {
  readonly id: string;
  readonly document: ApiDocument;
  readonly method: Uppercase<(typeof methods)[number]>;
  /** With its base, as the document says it: `/ops/v1/work/{id}/claim`. */
  readonly path: string;
  /** As the server registers it: `/ops/v1/work/:id/claim`. */
  readonly url: string;
  readonly summary: string;
  /** Any one of them, by what is asked for; none: nobody is asked who they are. */
  readonly actions: readonly Action[];
  readonly request: RequestSchemas;
  /** By status or `default`; undefined: an answer that is not JSON. */
  readonly responses: Readonly<Record<string, Schema | undefined>>;
  readonly deprecatedAt: Date | undefined;
  readonly sunset: Date | undefined;
  /** How a body of this version becomes what the platform means, once it was checked; and an answer, before it is. */
  readonly transform: Transform;
};

/** Every operation of a document. */
export function operationsOf(document: ApiDocument): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const node = item[method];
      const shared = (item.parameters ?? []) as unknown as readonly ParameterNode[];
      return node ? [operationOf(document, path, method, node, shared)] : [];
    }),
  );
}

function operationOf(
  document: ApiDocument,
  path: string,
  method: (typeof methods)[number],
  node: OperationNode,
  shared: readonly ParameterNode[],
): Operation {
  const parameters = [...shared, ...(node.parameters ?? [])];
  const { requestBody } = node;
  const instant = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
  return {
    id: node.operationId,
    document,
    method: method.toUpperCase() as Operation["method"],
    path: `${document.base}${path}`,
    url: `${document.base}${path}`.replaceAll(/\{(\w+)\}/g, ":$1"),
    summary: node.summary,
    actions: (node["x-lockgate-action"] ?? []) as readonly Action[],
    request: {
      params: partOf(parameters, "path"),
      querystring: { ...partOf(parameters, "query"), additionalProperties: node["x-lockgate-open-query"] === true },
      headers: partOf(parameters, "header"),
      body: Object.values(requestBody?.content ?? {})[0]?.schema,
      isBodyRequired: requestBody?.required === true,
    },
    responses: Object.fromEntries(
      Object.entries(node.responses).map(([status, { content = {} }]) => [status, answerIn(content)]),
    ),
    deprecatedAt: instant(node["x-deprecated-at"]),
    sunset: instant(node["x-sunset"]),
    transform: transformOf(node),
  };
}

function transformOf({ operationId, "x-lockgate-transform": declared = {} }: OperationNode): Transform {
  const read = transformShape.safeParse(declared);
  if (!read.success) throw new LockgateError("CONTRACT_INVALID", { at: operationId, reason: "x-lockgate-transform" });
  return read.data;
}

/** What an answer is like as JSON, of whatever type; undefined where it is none. */
function answerIn(content: Content): Schema | undefined {
  const schemas = Object.entries(content).flatMap(([type, { schema }]) =>
    /\bjson\b/.test(type) && schema ? [schema] : [],
  );
  return schemas.length > 1 ? { anyOf: schemas } : schemas[0];
}

/** The parameters of one place as one object's schema. */
function partOf(parameters: readonly ParameterNode[], place: ParameterNode["in"]): Schema {
  const here = parameters.filter((one) => one.in === place);
  const called = (name: string): string => (place === "header" ? name.toLowerCase() : name);
  return {
    type: "object",
    required: here.filter(({ required }) => required === true).map(({ name }) => called(name)),
    properties: Object.fromEntries(here.map(({ name, schema }) => [called(name), schema])),
  };
}
