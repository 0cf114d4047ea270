// Contract first: a route is registered by the id of its operation, and what the API document says of it is what holds.

import type { FastifyInstance, FastifyReply, FastifyRequest, RouteGenericInterface } from "fastify";
import { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { type ApiDocument, readDocuments } from "./documents.ts";
import { type Operation, operationsOf } from "./operations.ts";
import { type Step, type Transformations, transformed } from "./transformations.ts";
import { closed, openValidators, type Validate } from "./validators.ts";

type Handler<Route extends RouteGenericInterface> = (
  request: FastifyRequest<Route>,
  reply: FastifyReply,
) => Promise<unknown>;

/** The API documents at work. */
export type Contracts = {
  readonly documents: readonly ApiDocument[];
  readonly operations: readonly Operation[];
  /**
   * Registers an operation: method and path, what a request must look like, and what every answer must.
   * @throws CONTRACT_INVALID where no document has the operation, or the server stands under another base
   */
  route<Route extends RouteGenericInterface>(server: FastifyInstance, id: string, handler: Handler<Route>): void;
  /**
   * Watches what is registered on `server` from now on. @returns what says, once everything is, whether routes and documents are
   * the same: it @throws CONTRACT_INVALID for a route that no document has, or an operation without a route
   */
  watch(server: FastifyInstance): () => void;
};

export type ContractOptions = {
  /** The folder of documents. */
  readonly folder: string;
  /** In live use one answer in so many is checked, and a wrong one is logged and given; elsewhere each is, and refused. */
  readonly isLive: boolean;
  readonly log: Log;
  /** What single consumers call otherwise; absent: nothing. */
  readonly transformations?: Transformations | undefined;
};

/**
 * Checking an answer means to read the JSON back: about as much again as writing it. In live use a sample shows what the tests
 * did not, and whoever waits for a patient's record gets it though a field is new.
 */
const LIVE_SAMPLE = 64;

/** Reads the documents. @throws CONTRACT_INVALID for them, or for a transformation of what they do not have */
export function openContracts(options: ContractOptions): Contracts {
  const documents = readDocuments(options.folder);
  const operations = documents.flatMap(operationsOf);
  const byId = new Map(operations.map((one) => [one.id, one]));
  if (byId.size < operations.length)
    throw new LockgateError("CONTRACT_INVALID", { at: "operationId", reason: "two operations have one" });
  const transformations = ofConsumers(options.transformations ?? [], byId);
  const [ofText, ofJson] = [openValidators({ isText: true }), openValidators({ isText: false })];
  return {
    documents,
    operations,
    watch(server) {
      const routes = new Set<string>();
      server.addHook("onRoute", ({ method, url }) => {
        for (const one of [method].flat()) if (one !== "HEAD") routes.add(`${one} ${url}`);
      });
      return () => {
        const documented = new Set(operations.map(({ method, url }) => `${method} ${url}`));
        const odd = [...routes.symmetricDifference(documented)];
        if (odd.length > 0) throw new LockgateError("CONTRACT_INVALID", { at: odd.join(", "), reason: "not in both" });
      };
    },
    route(server, id, handler) {
      const operation = byId.get(id);
      if (!operation?.url.startsWith(server.prefix)) throw new LockgateError("CONTRACT_INVALID", { at: id });
      const { method, url, request } = operation;
      const validators: Readonly<Record<string, Validate>> = {
        params: ofText(request.params),
        querystring: ofText(request.querystring),
        headers: ofText(request.headers),
        body: bodyValidator(operation, ofJson),
      };
      server.route<RouteGenericInterface>({
        method,
        url: url.slice(server.prefix.length),
        schema: {
          params: {},
          querystring: {},
          ...(Object.keys(request.headers.properties as object).length > 0 ? { headers: {} } : {}),
          ...(method === "GET" ? {} : { body: {} }),
          response: Object.fromEntries(Object.keys(operation.responses).map((status) => [status, {}])),
        },
        validatorCompiler: ({ httpPart }) => validators[httpPart ?? ""] ?? (() => true),
        serializerCompiler: ({ httpStatus }) => answerWriter(operation, httpStatus ?? "default", ofJson, options),
        ...hooksOf(operation, transformations.get(id)),
        handler: handler as Handler<RouteGenericInterface>,
      });
    },
  };
}

/** A body where none is taken must say nothing. */
function bodyValidator({ request }: Operation, compile: ReturnType<typeof openValidators>): Validate {
  const check = compile(request.body ?? { type: "object", maxProperties: 0 });
  const validate: Validate = (value) => {
    // Fastify says `null` of a request that came without a body.
    const isAbsent = value === undefined || value === null;
    const isValid = (isAbsent && !request.isBodyRequired) || check(value);
    validate.errors = isValid ? null : (check.errors ?? null);
    return isValid;
  };
  return validate;
}

/** Transformations by operation and client. @throws CONTRACT_INVALID */
function ofConsumers(
  declared: Transformations,
  known: ReadonlyMap<string, Operation>,
): ReadonlyMap<string, ReadonlyMap<string, Transformations[number]>> {
  for (const { operation, client } of declared) {
    const isOnce = declared.filter((one) => one.operation === operation && one.client === client).length === 1;
    if (!known.has(operation) || !isOnce)
      throw new LockgateError("CONTRACT_INVALID", { at: operation, reason: "transformation" });
  }
  const byOperation = Map.groupBy(declared, ({ operation }) => operation);
  return new Map([...byOperation].map(([id, all]) => [id, new Map(all.map((one) => [one.client, one]))]));
}

/**
 * What a route does beside its handler. A consumer's own words become the document's before anything is checked, and the
 * document's become the consumer's after all was checked, masked and recorded: no transformation shows what is hidden.
 */
function hooksOf(operation: Operation, ofClient: ReadonlyMap<string, Transformations[number]> | undefined) {
  const { request: steps } = operation.transform;
  const goodbye = operation.deprecatedAt ? [farewell(operation)] : [];
  const own = ({ principal }: FastifyRequest) => ofClient?.get(principal?.client ?? "");
  return {
    ...(ofClient
      ? { preValidation: async (request: FastifyRequest) => change(request, own(request)?.request ?? []) }
      : {}),
    ...(steps.length > 0 ? { preHandler: async (request: FastifyRequest) => change(request, steps) } : {}),
    onSend: [
      ...goodbye,
      ...(ofClient
        ? [async (request: FastifyRequest, reply: FastifyReply, text: unknown) => retold(own(request), reply, text)]
        : []),
    ],
  };
}

function change(request: FastifyRequest, steps: readonly Step[]): void {
  if (steps.length > 0) request.body = transformed(request.body, steps);
}

const retold = (own: Transformations[number] | undefined, reply: FastifyReply, text: unknown): unknown =>
  own && own.answer.length > 0 && typeof text === "string" && reply.statusCode < 400 && text !== ""
    ? JSON.stringify(transformed(JSON.parse(text), own.answer))
    : text;

/** Writes answers of one status as JSON, and holds them against the document. */
function answerWriter(
  { id, responses, transform }: Operation,
  status: string,
  compile: ReturnType<typeof openValidators>,
  { isLive, log }: ContractOptions,
): (answer: unknown) => string {
  const schema = responses[status];
  const check = schema && compile(closed(schema));
  let answered = 0;
  return (given) => {
    const answer = isProblem(given) ? given : transformed(given, transform.answer);
    const text = JSON.stringify(answer);
    answered += 1;
    if (!check || (isLive && answered % LIVE_SAMPLE !== 1)) return text;
    if (check(JSON.parse(text))) return text;
    const { instancePath, keyword } = check.errors![0]!;
    const at = `${id} ${status} ${instancePath.replaceAll(/\/\d+/g, "/0")}`;
    log.error("an answer is not of the documented form", { at, reason: keyword });
    // What went wrong is told all the same: refusing the refusal would hide it.
    if (isLive || isProblem(answer)) return text;
    throw new LockgateError("ANSWER_INVALID", { at, reason: keyword });
  };
}

const isProblem = (answer: unknown): boolean =>
  typeof answer === "object" && answer !== null && "code" in answer && "status" in answer && "title" in answer;

/** Says since when an operation is deprecated (RFC 9745) and when it ends (RFC 8594), and where it is written. */
const farewell =
  ({ deprecatedAt, sunset, document }: Operation) =>
  async (_: unknown, reply: FastifyReply): Promise<void> => {
    reply.header("deprecation", `@${Math.floor(deprecatedAt!.getTime() / 1_000)}`);
    reply.header("link", `</openapi/${document.name}.yaml>; rel="deprecation"; type="application/yaml"`);
    if (sunset) reply.header("sunset", sunset.toUTCString());
  };
