// Holds requests and answers to the service's own OpenAPI document, for tests: what breaks it must be seen.

import { readFileSync } from "node:fs";
import type { ValidateFunction } from "ajv";
import type { Operation } from "./ledger.ts";
import { type OutcomeCode, PdsRefusal, type Reply } from "./outcome.ts";
import type { PdsRequest } from "./request.ts";

/** The document's judgement. */
export interface OpenApi {
  /** Why the document refuses a request, in the service's own words; undefined when it does not. */
  objectionTo(operation: Operation, request: PdsRequest): PdsRefusal | undefined;
  /** How an answer breaks the document; undefined when it does not. */
  breachIn(operation: Operation, reply: Reply): string | undefined;
}

type Described = Exclude<Operation, "token">;
const addresses = {
  retrieve: ["/Patient/{id}", "get"],
  search: ["/Patient", "get"],
  update: ["/Patient/{id}", "patch"],
} as const satisfies Record<Described, readonly [string, string]>;

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: { type?: string; format?: string };
}

interface Answer {
  headers?: Record<string, { schema: object }>;
  content?: Record<string, { schema: object }>;
}

interface Document {
  paths: Record<
    string,
    { parameters?: Parameter[] } & Record<
      string,
      {
        parameters?: Parameter[];
        requestBody?: { content: Record<string, { schema: object }> };
        responses: Record<string, Answer>;
      }
    >
  >;
}

interface Checks {
  parameters: { parameter: Parameter; check: ValidateFunction }[];
  body: ValidateFunction | undefined;
  answers: Map<string, { headers: [name: string, check: ValidateFunction][]; body: ValidateFunction | undefined }>;
}

/** Compiles the document in a file. */
export async function loadOpenApi(path: string): Promise<OpenApi> {
  const { Ajv } = await import("ajv");
  const day = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
  const formats = {
    date: day,
    "date-time": (text: string) => day.test(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)),
  };
  const ajv = new Ajv({ strict: false, logger: false, formats, coerceTypes: false });
  const document = JSON.parse(readFileSync(path, "utf8")) as Document;
  const compile = (schema: object): ValidateFunction => ajv.compile(schema);
  const checks = Object.fromEntries(
    Object.entries(addresses).map(([operation, [address, method]]) => [
      operation,
      checksOf(document.paths[address]!, method, compile),
    ]),
  ) as Record<Described, Checks>;
  return {
    objectionTo: (operation, request) =>
      operation === "token" ? undefined : objectionOf(checks[operation], request, operation),
    breachIn: (operation, reply) =>
      operation === "token" ? undefined : breachOf(checks[operation], checks.retrieve, reply, operation),
  };
}

function checksOf(
  path: Document["paths"][string],
  method: string,
  compile: (schema: object) => ValidateFunction,
): Checks {
  const described = path[method]!;
  const parameters = [...(path.parameters ?? []), ...(described.parameters ?? [])].map((parameter) => ({
    parameter,
    check: compile(withoutSlip(parameter)),
  }));
  const body = described.requestBody?.content["application/json-patch+json"]?.schema;
  const answers = Object.entries(described.responses).map(([status, answer]) => {
    const schema = answer.content?.["application/fhir+json"]?.schema;
    const headers = Object.entries(answer.headers ?? {}).map(([name, header]): [string, ValidateFunction] => [
      name.toLowerCase(),
      compile(header.schema),
    ]);
    return [status, { headers, body: schema && compile(schema) }] as const;
  });
  return { parameters, body: body && compile(withAnyValue(body)), answers: new Map(answers) };
}

/** The document calls `death-date` a date and gives `eq2010-10-22` as its example; numbers and flags come as text. */
function withoutSlip({ name, schema }: Parameter): object {
  return name === "death-date" || schema.type === "integer" || schema.type === "boolean" ? {} : schema;
}

/** The document's text says that a value "could be a null, a string, an object or a list"; its schema knows no list. */
function withAnyValue(body: object): object {
  const copy = structuredClone(body) as { properties: { patches: { items: { properties: { value?: object } } } } };
  copy.properties.patches.items.properties.value = {};
  return copy;
}

function objectionOf(checks: Checks, request: PdsRequest, operation: Described): PdsRefusal | undefined {
  const query = new URLSearchParams(request.search);
  for (const { parameter, check } of checks.parameters) {
    const { name, in: where, required, schema } = parameter;
    if (where === "path") continue;
    const values = where === "query" ? query.getAll(name) : [request.header(name.toLowerCase()) ?? []].flat();
    const code: OutcomeCode = name === "If-Match" ? "PRECONDITION_FAILED" : "INVALID_VALUE";
    if (required && values.length === 0) return new PdsRefusal(code === "INVALID_VALUE" ? "MISSING_VALUE" : code);
    const isRight = schema.type === "array" ? check(values) : values.every((value) => check(value));
    if (!isRight) return new PdsRefusal(code, `Invalid value - in '${name}'`);
  }
  const known = new Set(checks.parameters.map(({ parameter }) => parameter.name));
  if (operation === "search" && [...query.keys()].some((name) => !known.has(name)))
    return new PdsRefusal("ADDITIONAL_PROPERTIES");
  if (!checks.body || checks.body(JSON.parse(request.body))) return undefined;
  return new PdsRefusal("INVALID_UPDATE", "Invalid update with error - the body does not fit");
}

function breachOf(checks: Checks, others: Checks, reply: Reply, operation: Described): string | undefined {
  const { resourceType, ...rest } = JSON.parse(reply.body) as { resourceType?: string };
  const wanted = operation === "search" ? "Bundle" : "Patient";
  if (resourceType !== "OperationOutcome" && resourceType !== wanted) return `body: is no ${wanted}`;
  const isOutcome = resourceType === "OperationOutcome";
  const answer = checks.answers.get(isOutcome ? "4XX" : String(reply.status)) ?? others.answers.get("4XX")!;
  for (const [name, check] of answer.headers) {
    const value = reply.headers[name];
    if (value === undefined ? name === "etag" || name === "x-request-id" : !check(value)) return `header ${name}`;
  }
  if (!answer.body || answer.body({ resourceType, ...rest })) return undefined;
  // Where, not what: values of people stay out of texts.
  return (answer.body.errors ?? [])
    .map(({ instancePath, keyword }) => `${instancePath || "body"}: ${keyword}`)
    .join(", ");
}
