// What breaks between two versions of an API document or of the document of topics: both are read as operations with schemas.

import type { ParameterNode } from "../../src/gateway/contracts/documents.ts";
import { type Break, breaksOf, type Schema } from "./compatibility.ts";

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
type Security = readonly Readonly<Record<string, readonly string[]>>[];
type OperationNode = {
  readonly parameters?: readonly ParameterNode[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security?: Security;
};
/** An OpenAPI document without references. */
export type OpenApi = {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const METHODS = ["get", "post", "put", "patch", "delete"];

const operationsIn = ({ servers, paths }: OpenApi): ReadonlyMap<string, OperationNode> =>
  new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method] !== undefined).map((method) => {
        const node = item[method] as OperationNode;
        const parameters = [...((item.parameters ?? []) as ParameterNode[]), ...(node.parameters ?? [])];
        return [
          `${method.toUpperCase()} ${servers[0]!.url.replace(/\/$/, "")}${path}`,
          { ...node, parameters },
        ] as const;
      }),
    ),
  );

/** What of a document breaks those who know an earlier version of it. */
export function openApiBreaks(before: OpenApi, next: OpenApi): Break[] {
  const now = operationsIn(next);
  return [...operationsIn(before)].flatMap(([name, was]) => {
    const is = now.get(name);
    if (!is) return [{ rule: "operation-removed", at: name }];
    return [
      ...parameterBreaks(was, is, name),
      ...bodyBreaks(was, is, name),
      ...answerBreaks(was, is, name),
      ...securityBreaks(was.security ?? [], is.security ?? [], name),
    ];
  });
}

function parameterBreaks(was: OperationNode, is: OperationNode, at: string): Break[] {
  const called = ({ in: place, name }: ParameterNode): string =>
    `${place} ${place === "header" ? name.toLowerCase() : name}`;
  const old = new Map(was.parameters!.map((one) => [called(one), one]));
  const found: Break[] = [];
  for (const one of is.parameters!) {
    const known = old.get(called(one));
    if (one.required && !known?.required) found.push({ rule: "parameter-required", at: `${at} ${called(one)}` });
    if (known) found.push(...breaksOf(known.schema, one.schema, "taken", `${at} ${called(one)}`));
    old.delete(called(one));
  }
  // A header that is not read is not refused.
  const gone = [...old].filter(([, one]) => one.in === "query");
  return [...found, ...gone.map(([name]): Break => ({ rule: "parameter-removed", at: `${at} ${name}` }))];
}

function bodyBreaks(was: OperationNode, is: OperationNode, at: string): Break[] {
  const [old, now] = [was.requestBody, is.requestBody];
  const found: Break[] = now?.required && !old?.required ? [{ rule: "body-required", at }] : [];
  for (const [type, { schema: known }] of Object.entries(old?.content ?? {})) {
    const content = now?.content[type];
    if (!content) found.push({ rule: "body-removed", at: `${at} ${type}` });
    else if (known) found.push(...breaksOf(known, content.schema ?? {}, "taken", `${at} body`));
  }
  return found;
}

function answerBreaks(was: OperationNode, is: OperationNode, at: string): Break[] {
  const found: Break[] = [];
  for (const [status, { content = {} }] of Object.entries(was.responses)) {
    const now = is.responses[status];
    // A refusal under another status is still a problem with a code, as `default` says.
    if (!now && !/^[45]/.test(status)) found.push({ rule: "answer-removed", at: `${at} ${status}` });
    for (const [type, { schema }] of Object.entries(content)) {
      const next = now?.content?.[type];
      if (now && !next) found.push({ rule: "answer-removed", at: `${at} ${status} ${type}` });
      if (next && schema) found.push(...breaksOf(schema, next.schema ?? {}, "given", `${at} ${status}`));
    }
  }
  for (const status of Object.keys(is.responses))
    if (/^[23]/.test(status) && !was.responses[status]) found.push({ rule: "answer-added", at: `${at} ${status}` });
  return found;
}

/** Each way in that there was must still be enough; no way in named at all is open to everybody. */
function securityBreaks(was: Security, is: Security, at: string): Break[] {
  if (is.length === 0) return [];
  const isEnough = (held: Security[number]): boolean =>
    is.some((asked) =>
      Object.entries(asked).every(
        ([scheme, scopes]) => scopes.every((one) => held[scheme]?.includes(one)) && held[scheme],
      ),
    );
  const ways = was.length === 0 ? [{}] : was;
  return ways.every(isEnough) ? [] : [{ rule: "security-narrowed", at }];
}

type Channel = {
  readonly address: string;
  readonly messages: Readonly<Record<string, { readonly payload: Schema }>>;
};
/** An AsyncAPI 3 document without references. */
export type AsyncApi = {
  readonly channels: Readonly<Record<string, Channel>>;
  /** As the platform sees them: what it takes, and what it tells. */
  readonly operations: Readonly<
    Record<string, { readonly action: "send" | "receive"; readonly channel: Pick<Channel, "address"> }>
  >;
};

/** What of the topics breaks those who read them, or who write what the platform takes. */
export function asyncApiBreaks(before: AsyncApi, next: AsyncApi): Break[] {
  const now = new Map(Object.values(next.channels).map((one) => [one.address, one]));
  return Object.values(before.operations).flatMap(({ action, channel: { address } }) => {
    const isOn = Object.values(next.operations).some((one) => one.action === action && one.channel.address === address);
    if (!isOn) return [{ rule: "operation-removed", at: `${action} ${address}` }];
    const known = Object.values(before.channels).find((one) => one.address === address)!;
    return Object.entries(known.messages).flatMap(([name, { payload }]): Break[] => {
      const is = now.get(address)?.messages[name];
      if (!is) return [{ rule: "operation-removed", at: `${action} ${address} ${name}` }];
      return breaksOf(payload, is.payload, action === "send" ? "given" : "taken", address);
    });
  });
}
