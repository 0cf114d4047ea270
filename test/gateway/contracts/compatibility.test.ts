// Compatibility of contracts: each rule has a change that breaks it, and near it one that breaks nobody.

import { describe, expect, test } from "vitest";
import { breaksOf, type Rule, rules, type Schema } from "../../../scripts/contracts/compatibility.ts";
import {
  type AsyncApi,
  asyncApiBreaks,
  type OpenApi,
  openApiBreaks,
} from "../../../scripts/contracts/document-breaks.ts";

const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: "object",
  properties,
  ...more,
});
const text: Schema = { type: "string" };

/** What breaks, the direction, before and after. */
const BREAKING: readonly [Rule, string, "taken" | "given", Schema, Schema][] = [
  [
    "member-removed-taken",
    "a member that a closed body no longer has",
    "taken",
    object({ a: text, b: text }, { additionalProperties: false }),
    object({ a: text }, { additionalProperties: false }),
  ],
  [
    "member-required-taken",
    "a new member that is needed",
    "taken",
    object({ a: text }),
    object({ a: text, b: text }, { required: ["b"] }),
  ],
  [
    "member-required-taken",
    "a member that is needed now",
    "taken",
    object({ a: text }),
    object({ a: text }, { required: ["a"] }),
  ],
  [
    "closed-taken",
    "a body that is closed now",
    "taken",
    object({ a: text }),
    object({ a: text }, { additionalProperties: false }),
  ],
  ["type-narrowed-taken", "null that is no longer taken", "taken", { type: ["string", "null"] }, text],
  ["type-narrowed-taken", "a number that has to be whole", "taken", { type: "number" }, { type: "integer" }],
  ["type-narrowed-taken", "a type where any was taken", "taken", {}, text],
  [
    "type-narrowed-taken",
    "an alternative that is gone",
    "taken",
    { anyOf: [text, { type: "boolean" }] },
    { anyOf: [text] },
  ],
  ["values-narrowed-taken", "a value that is no longer taken", "taken", { enum: ["a", "b"] }, { enum: ["a"] }],
  [
    "values-narrowed-taken",
    "a list of values where any text was taken",
    "taken",
    text,
    { type: "string", enum: ["a"] },
  ],
  [
    "range-narrowed-taken",
    "a smaller maximum",
    "taken",
    { type: "integer", maximum: 10 },
    { type: "integer", maximum: 9 },
  ],
  ["range-narrowed-taken", "a least length where there was none", "taken", text, { type: "string", minLength: 1 }],
  ["range-narrowed-taken", "fewer entries", "taken", { type: "array", maxItems: 5 }, { type: "array", maxItems: 4 }],
  ["pattern-changed-taken", "a pattern where there was none", "taken", text, { type: "string", pattern: "^a" }],
  [
    "pattern-changed-taken",
    "another pattern",
    "taken",
    { type: "string", pattern: "^a" },
    { type: "string", pattern: "^b" },
  ],
  ["pattern-changed-taken", "a format where there was none", "taken", text, { type: "string", format: "uuid" }],
  ["member-removed-given", "a member that is no longer told", "given", object({ a: text }), object({})],
  [
    "member-optional-given",
    "a member that may be missing now",
    "given",
    object({ a: text }, { required: ["a"] }),
    object({ a: text }),
  ],
  ["type-widened-given", "a member that may be null now", "given", text, { type: ["string", "null"] }],
  ["type-widened-given", "a whole number that may be any", "given", { type: "integer" }, { type: "number" }],
  ["type-widened-given", "a type that is no longer said", "given", text, {}],
  [
    "type-widened-given",
    "an alternative that nobody knows",
    "given",
    { anyOf: [text] },
    { anyOf: [text, { type: "boolean" }] },
  ],
  ["values-widened-given", "a value that nobody knows", "given", { enum: ["a"] }, { enum: ["a", "b"] }],
  ["values-widened-given", "any value where there was a list", "given", { type: "string", enum: ["a"] }, text],
  ["values-widened-given", "another constant", "given", { const: "a" }, { const: "b" }],
  [
    "range-widened-given",
    "a larger maximum",
    "given",
    { type: "integer", maximum: 9 },
    { type: "integer", maximum: 10 },
  ],
  ["range-widened-given", "no longest length any more", "given", { type: "string", maxLength: 9 }, text],
  [
    "range-widened-given",
    "no least number of entries any more",
    "given",
    { type: "array", minItems: 1 },
    { type: "array" },
  ],
  ["pattern-changed-given", "a pattern that is gone", "given", { type: "string", pattern: "^a" }, text],
  ["pattern-changed-given", "a format that is gone", "given", { type: "string", format: "date" }, text],
];

const HARMLESS: readonly [string, "taken" | "given", Schema, Schema][] = [
  [
    "a new member that may be left out",
    "taken",
    object({ a: text }, { additionalProperties: false }),
    object({ a: text, b: text }, { additionalProperties: false }),
  ],
  ["a member that an open body no longer names", "taken", object({ a: text }), object({})],
  ["a member that is no longer needed", "taken", object({ a: text }, { required: ["a"] }), object({ a: text })],
  ["a body that is open now", "taken", object({}, { additionalProperties: false }), object({})],
  ["null that is taken too", "taken", text, { type: ["string", "null"] }],
  ["any number where it had to be whole", "taken", { type: "integer" }, { type: "number" }],
  ["a value more", "taken", { enum: ["a"] }, { enum: ["b", "a"] }],
  ["a list of one for a constant", "taken", { const: "a" }, { enum: ["a"] }],
  ["a larger maximum", "taken", { maximum: 9 }, { maximum: 10 }],
  ["a pattern that is gone", "taken", { type: "string", pattern: "^a" }, text],
  ["an alternative more", "taken", { anyOf: [text] }, { anyOf: [{ type: "boolean" }, text] }],
  ["a new member", "given", object({ a: text }), object({ a: text, b: text })],
  ["a member that is always there now", "given", object({ a: text }), object({ a: text }, { required: ["a"] })],
  ["a member that is never null any more", "given", { type: ["string", "null"] }, text],
  ["a value that no longer comes", "given", { enum: ["a", "b"] }, { enum: ["b"] }],
  ["a smaller maximum", "given", { maximum: 10 }, { maximum: 9 }],
  ["a pattern where there was none", "given", text, { type: "string", pattern: "^a" }],
  ["an alternative that no longer comes", "given", { anyOf: [text, { type: "boolean" }] }, { anyOf: [text] }],
  [
    "the same written as parts",
    "given",
    object({ a: text, b: text }, { required: ["b"] }),
    { allOf: [object({ a: text }), object({ b: text }, { required: ["b"] })] },
  ],
  ["other words about it", "given", { ...text, description: "one" }, { ...text, description: "two" }],
];

describe("a schema", () => {
  test.each(BREAKING)("breaks %s by %s", (rule, _, direction, before, next) => {
    expect(breaksOf(before, next, direction)).toEqual([expect.objectContaining({ rule })]);
  });

  test.each(BREAKING)("breaks %s by %s deep within lists and members", (rule, _, direction, before, next) => {
    const deep = (schema: Schema): Schema => object({ list: { type: "array", items: object({ one: schema }) } });
    const found = breaksOf(deep(before), deep(next), direction);
    expect(found).toEqual([expect.objectContaining({ rule })]);
    expect(found[0]!.at).toContain("/list/[]/one");
  });

  test.each(HARMLESS)("is not broken by %s, %s", (_, direction, before, next) => {
    expect(breaksOf(before, next, direction)).toEqual([]);
  });

  test("that stays as it is breaks nobody", () => {
    for (const [, , direction, before, next] of BREAKING)
      for (const schema of [before, next]) expect(breaksOf(schema, schema, direction)).toEqual([]);
  });
});

type Operation = Record<string, unknown>;
const api = (paths: Record<string, Record<string, Operation>>): OpenApi => ({ servers: [{ url: "/v1" }], paths });
const content = (schema: Schema) => ({ "application/json": { schema } });
const get: Operation = {
  parameters: [{ in: "query", name: "q", schema: text }],
  security: [{ person: [] }, { machine: ["a"] }],
  responses: { "200": { content: content(object({ a: text })) }, "404": { content: content(text) } },
};
const post: Operation = { ...get, requestBody: { required: false, content: content(text) } };
const before = api({ "/a": { get, post } });
const withGet = (more: Operation) => api({ "/a": { get: { ...get, ...more }, post } });
const withPost = (more: Operation) => api({ "/a": { get, post: { ...post, ...more } } });

describe("an API document", () => {
  test.each<[Rule, string, OpenApi]>([
    ["operation-removed", "a method that is gone", api({ "/a": { get } })],
    ["operation-removed", "a path that is gone", api({ "/b": { get, post } })],
    ["answer-removed", "a success that is gone", withGet({ responses: { "404": {} } })],
    [
      "answer-removed",
      "an answer in another form",
      withGet({ responses: { ...(get.responses as object), "200": { content: { "text/csv": {} } } } }),
    ],
    [
      "answer-added",
      "a success of another status",
      withGet({ responses: { ...(get.responses as object), "202": {} } }),
    ],
    ["parameter-removed", "a query parameter that is gone", withGet({ parameters: [] })],
    [
      "parameter-required",
      "a parameter that is needed now",
      withGet({ parameters: [{ in: "query", name: "q", required: true, schema: text }] }),
    ],
    [
      "parameter-required",
      "a header that is needed now",
      withGet({
        parameters: [...(get.parameters as []), { in: "header", name: "If-Match", required: true, schema: text }],
      }),
    ],
    [
      "body-required",
      "a body that is needed now",
      withPost({ requestBody: { required: true, content: content(text) } }),
    ],
    ["body-removed", "a body that is no longer taken", withPost({ requestBody: { content: {} } })],
    ["security-narrowed", "a way in that is gone", withGet({ security: [{ person: [] }] })],
    [
      "security-narrowed",
      "another scope that is asked for",
      withGet({ security: [{ person: [] }, { machine: ["b"] }] }),
    ],
    [
      "values-narrowed-taken",
      "a parameter of fewer values",
      withGet({ parameters: [{ in: "query", name: "q", schema: { type: "string", enum: ["a"] } }] }),
    ],
    [
      "range-narrowed-taken",
      "a shorter body",
      withPost({ requestBody: { content: content({ type: "string", maxLength: 3 }) } }),
    ],
    [
      "member-removed-given",
      "an answer that tells less",
      withGet({ responses: { ...(get.responses as object), "200": { content: content(object({})) } } }),
    ],
  ])("breaks %s by %s", (rule, _, next) => {
    expect(new Set(openApiBreaks(before, next).map((one) => one.rule))).toEqual(new Set([rule]));
  });

  test.each<[string, OpenApi]>([
    ["nothing new", before],
    ["another operation", api({ "/a": { get, post, delete: get }, "/b": { get } })],
    [
      "a parameter that may be left out",
      withGet({ parameters: [...(get.parameters as []), { in: "query", name: "r", schema: text }] }),
    ],
    ["one refusal less", withGet({ responses: { "200": (get.responses as Record<string, unknown>)["200"] } })],
    ["one refusal more", withGet({ responses: { ...(get.responses as object), "409": {} } })],
    ["another way in", withGet({ security: [{ person: [] }, { machine: ["a"] }, { session: [] }] })],
    ["a way in that asks for less", withGet({ security: [{ person: [] }, { machine: [] }] })],
    ["a body more", api({ "/a": { get: { ...get, requestBody: { content: content(text) } }, post } })],
  ])("is not broken by %s", (_, next) => {
    expect(openApiBreaks(before, next)).toEqual([]);
  });

  test("is broken where somebody who came in openly has to sign in", () => {
    const open = api({ "/a": { get: { ...get, security: [] } } });
    expect(openApiBreaks(open, api({ "/a": { get } }))).toMatchObject([{ rule: "security-narrowed" }]);
  });
});

describe("a document of topics", () => {
  const topics = (payload: Schema, address = "person.changed", action: "send" | "receive" = "send"): AsyncApi => ({
    channels: { one: { address, messages: { one: { payload } } } },
    operations: { one: { action, channel: { address } } },
  });
  const [few, many]: Schema[] = [{ enum: ["a"] }, { enum: ["a", "b"] }];

  test("is broken by what breaks those who read a topic", () => {
    expect(asyncApiBreaks(topics(text), topics(text, "person.moved"))).toMatchObject([{ rule: "operation-removed" }]);
    expect(asyncApiBreaks(topics(few!), topics(many!))).toMatchObject([{ rule: "values-widened-given" }]);
    expect(asyncApiBreaks(topics(many!), topics(few!))).toEqual([]);
  });

  test("is broken by what breaks those who write to it, and where it is taken no more", () => {
    const taken = (payload: Schema) => topics(payload, "person.changed", "receive");
    expect(asyncApiBreaks(taken(many!), taken(few!))).toMatchObject([{ rule: "values-narrowed-taken" }]);
    expect(asyncApiBreaks(taken(few!), taken(many!))).toEqual([]);
    expect(asyncApiBreaks(taken(few!), topics(few!))).toMatchObject([{ rule: "operation-removed" }]);
  });

  test("is broken where one of its messages is gone", () => {
    const gone = { ...topics(text), channels: { one: { address: "person.changed", messages: {} } } };
    expect(asyncApiBreaks(topics(text), gone)).toMatchObject([{ rule: "operation-removed" }]);
  });
});

test("every rule has a change that breaks it", () => {
  const documents: Rule[] = [
    "operation-removed",
    "answer-removed",
    "answer-added",
    "parameter-removed",
    "parameter-required",
    "body-required",
    "body-removed",
    "security-narrowed",
  ];
  expect(new Set([...BREAKING.map(([rule]) => rule), ...documents])).toEqual(new Set(Object.keys(rules)));
});
