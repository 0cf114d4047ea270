// Every operation against bodies, paths and queries made from its own schemas, valid, nearly valid and hostile: whatever comes is
// answered, with a code where it is refused, and soon.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Schema } from "../../src/gateway/contracts/documents.ts";
import { type Site, startSite } from "../journeys/platform-rig.ts";
import { textOf } from "./answers.ts";
import { exampleOf, guarded, pathOf } from "./contracts/requests.ts";

const BODIES = 2_000;
/** Requests of an operation that takes no body: only its path and its query can be hostile. */
const WITHOUT_BODY = 200;
const AT_ONCE = 24;
/** The slowest refusals of an operation, asked again by themselves, may take so many times what a refusal takes. */
const MOST_TIMES = 15;
const SLOWEST = 3;
const ASKED_AGAIN = 5;
const SEED = 20_260_105;

/** Texts that somewhere mean something. */
const HOSTILE = [
  "' or '1'='1",
  "'; drop table work.item; --",
  "\u0000",
  "a\u0000b",
  "\u0024{jndi:ldap://127.0.0.1/a}",
  "{{7*7}}",
  "<script>alert(1)</script>",
  "../../../../etc/passwd",
  "..%2f..%2f",
  "$(id)",
  "`id`",
  "\r\nX-Injected: 1",
  "\ud800",
  "\ufeff\u202e",
  "__proto__",
  "constructor",
  "toString",
  "9".repeat(400),
  "-1",
  "1e309",
  "NaN",
  "true",
  "null",
  "a".repeat(5_000),
  "(a+)+$".repeat(40),
  "%00",
  "0001-01-01T00:00:00Z",
  "275760-09-13T00:00:00Z",
  "2026-02-30T00:00:00Z",
];

const hostileText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 60 }));
const anything: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, -0, [], {}, [[]], { a: {} }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that a schema lets through, nearly. */
function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom<unknown>(...schema.enum);
  const choices = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined;
  if (choices) return fc.oneof(...choices.map(valuesOf));
  const [type] = [schema.type].flat();
  const least = Number(schema.minLength ?? schema.minItems ?? 0);
  switch (type) {
    case "object":
      return fc.record(
        Object.fromEntries(
          Object.entries((schema.properties ?? {}) as Record<string, Schema>).map(([name, one]) => [name, bentOf(one)]),
        ),
        { requiredKeys: (schema.required ?? []) as string[] },
      );
    case "array":
      return fc.array(bentOf((schema.items ?? {}) as Schema), { minLength: least, maxLength: 4 });
    case "integer":
      return fc.integer({ min: Number(schema.minimum ?? 0), max: Number(schema.maximum ?? 1_000) });
    case "boolean":
      return fc.boolean();
    case "string":
      if (schema.format === "uuid") return fc.uuid();
      if (schema.format === "date-time") return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
      return schema.pattern
        ? fc.oneof(fc.stringMatching(new RegExp(String(schema.pattern), "u")), hostileText)
        : fc.oneof(fc.string({ minLength: least, maxLength: 40 }), hostileText);
    default:
      return anything;
  }
}

/** The same, with something else now and then. */
const bentOf = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: valuesOf(schema) }, { weight: 1, arbitrary: anything });

/** A body with members that nobody asked for, a member of another type, or one too few. */
const bodiesOf = (schema: Schema, example: unknown): fc.Arbitrary<string> => {
  const assigned = fc.constantFrom(
    "id",
    "state",
    "roles",
    "as",
    "by",
    "admin",
    "__proto__",
    "constructor",
    "digest",
    "version",
  );
  const base = fc.oneof(
    { weight: 4, arbitrary: valuesOf(schema) },
    { weight: 1, arbitrary: fc.constant(example) },
    { weight: 1, arbitrary: anything },
  );
  const more = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.tuple(assigned, anything), { maxLength: 3 }) },
  );
  return fc.tuple(base, more, fc.integer({ min: 0, max: 30 })).map(([value, members, cut]) => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    // Assembled as text, or a member called after a prototype would become one.
    const inner = isObject
      ? Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one) ?? "null"}`)
      : [];
    const extra = members.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one) ?? "null"}`);
    const text =
      isObject || extra.length > 0 ? `{${[...inner, ...extra].join(",")}}` : (JSON.stringify(value) ?? "null");
    return cut === 0 ? text.slice(0, -1) : text;
  });
};

type Asked = { readonly path: string; readonly body: string | undefined };
type Answered = { readonly status: number; readonly code: unknown; readonly ms: number };

describe("the gateway under hostile requests", () => {
  let site: Site;
  const asked: {
    readonly id: string;
    readonly again: (one: Asked) => Promise<Answered>;
    readonly slowestFirst: Asked[];
  }[] = [];
  beforeAll(async () => {
    const plenty = { perSecond: 100_000, burst: 1_000_000, perDay: 10_000_000_000 };
    site = await startSite("silent", {
      throttle: {
        ops: plenty,
        demographics: plenty,
        matching: plenty,
        identity: plenty,
        addresses: { perSecond: 100_000, burst: 1_000_000 },
        failedSignIns: { perMinute: 100_000, burst: 100_000 },
      },
    });
  }, 60_000);
  afterAll(() => site?.close());

  const everybody = [
    { name: "olive", roles: ["operator", "integration-engineer", "steward"], purpose: "administration" },
    { name: "axel", roles: ["auditor"], purpose: "audit" },
    { name: "ada", roles: ["administrator"], purpose: "administration" },
  ];

  async function ask(
    operation: (typeof guarded)[number],
    { path, body }: Asked,
    who: (typeof everybody)[number],
  ): Promise<Answered> {
    const begun = performance.now();
    const answer = await fetch(`${site.http}${path}`, {
      method: operation.method,
      headers: {
        authorization: `Bearer ${await site.people.tokenOf(who)}`,
        "purpose-of-use": who.purpose,
        "access-reason": "a reason in words",
        ...(operation.method === "PUT" ? { "if-match": "*" } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await textOf(answer);
    const ms = performance.now() - begun;
    const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json") === true;
    const code = isProblem ? (JSON.parse(text) as { code?: unknown }).code : undefined;
    return { status: answer.status, code, ms };
  }

  /** Who gets past the policies, or the fuzz would see nothing behind them. */
  async function letIn(operation: (typeof guarded)[number]): Promise<(typeof everybody)[number]> {
    const example = exampleOf(operation);
    for (const who of everybody) {
      const { code } = await ask(
        operation,
        { path: pathOf(operation), body: example === undefined ? undefined : JSON.stringify(example) },
        who,
      );
      if (code !== "ACCESS_REFUSED" && code !== "PURPOSE_REQUIRED") return who;
    }
    return everybody[0]!;
  }

  test.each(guarded.map((one) => [one.id, one] as const))("answers whatever %s is asked", async (id, operation) => {
    const { params, querystring, body } = operation.request;
    const { required: _, ...open } = params;
    const places = fc.tuple(bentOf(open), bentOf(querystring), fc.boolean());
    const requests = fc
      .tuple(places, body ? bodiesOf(body, exampleOf(operation)) : fc.constant(undefined))
      .map(([[path, query, plain], text]): Asked => {
        const values = (typeof path === "object" && path !== null ? path : {}) as Record<string, unknown>;
        const usable = plain
          ? {}
          : Object.fromEntries(Object.entries(values).map(([name, value]) => [name, wellFormed(String(value)) || "-"]));
        const asked =
          plain || typeof query !== "object" || query === null
            ? ""
            : Object.entries(query)
                .map(
                  ([name, value]) =>
                    `&${encodeURIComponent(wellFormed(name))}=${encodeURIComponent(wellFormed(String(value)))}`,
                )
                .join("");
        const filled = pathOf(operation, usable);
        return { path: asked === "" ? filled : `${filled}${filled.includes("?") ? "" : "?"}${asked}`, body: text };
      });
    const who = await letIn(operation);
    const left = fc.sample(requests, { numRuns: body ? BODIES : WITHOUT_BODY, seed: SEED });
    const refused: (Asked & { readonly ms: number })[] = [];
    const odd: unknown[] = [];
    const lane = async (): Promise<void> => {
      for (let one = left.pop(); one; one = left.pop()) {
        const answer = await ask(operation, one, who);
        const isRefused = answer.status >= 400 && answer.status < 500 && typeof answer.code === "string";
        if (isRefused) refused.push({ ...one, ms: answer.ms });
        // FHIR has a form of its own for what is wrong with a question.
        const isOfFhir = id === "matchPatient" && [400, 422].includes(answer.status);
        const isDone = answer.status >= 200 && answer.status < 300;
        if (!isRefused && !isDone && !isOfFhir)
          odd.push({ status: answer.status, code: answer.code, path: one.path, body: one.body?.slice(0, 300) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    asked.push({
      id,
      again: (one) => ask(operation, one, who),
      slowestFirst: refused.toSorted((a, b) => b.ms - a.ms),
    });
    expect(odd.slice(0, 5)).toEqual([]);
  });

  const known = [
    "grant_type",
    "client_assertion_type",
    "client_assertion",
    "client_id",
    "scope",
    "logout_token",
    "state",
    "code",
    "error",
    "iss",
    "issuer",
    "return",
    "__proto__",
  ];
  const meant = [
    "client_credentials",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.",
    "//evil.example",
  ];
  const forms = fc
    .array(fc.tuple(fc.constantFrom(...known), fc.oneof(fc.constantFrom(...meant), hostileText)), { maxLength: 8 })
    .map((pairs) => new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, wellFormed(value)])));
  test.each([
    ["/oauth2/token", "POST"],
    ["/auth/back-channel-logout", "POST"],
    ["/auth/sign-in", "GET"],
    ["/auth/callback", "GET"],
    ["/auth/session", "GET"],
  ] as const)(
    "answers whatever %s is asked by whoever is not signed in, and lets none of them in",
    async (path, method) => {
      const left = fc.sample(forms, { numRuns: BODIES, seed: SEED });
      const odd: unknown[] = [];
      const lane = async (): Promise<void> => {
        for (let form = left.pop(); form; form = left.pop()) {
          const isPost = method === "POST";
          const answer = await fetch(`${site.http}${path}${isPost ? "" : `?${form}`}`, {
            method,
            redirect: "manual",
            ...(isPost
              ? { body: form }
              : { headers: { cookie: `lockgate-session=${encodeURIComponent(form.get("state") ?? "")}` } }),
          });
          const { code, error } = JSON.parse(await textOf(answer)) as Record<string, unknown>;
          const isRefused = answer.status >= 400 && answer.status < 500 && typeof (code ?? error) === "string";
          if (!isRefused) odd.push({ status: answer.status, code, form: String(form).slice(0, 300) });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      expect(odd.slice(0, 5)).toEqual([]);
    },
  );

  test("refuses none of them late: what took longest takes no more than some times what a refusal takes anyway", async () => {
    expect(asked.reduce((sum, { slowestFirst }) => sum + slowestFirst.length, 0)).toBeGreaterThan(20_000);
    // By itself and at its best, a body is slow only by what it holds.
    const took: { id: string; usual: number; most: number }[] = [];
    for (const { id, again, slowestFirst } of asked.filter((one) => one.slowestFirst.length > 0)) {
      const best = async (one: Asked): Promise<number> => {
        const times: number[] = [];
        for (let time = 0; time < ASKED_AGAIN; time += 1) times.push((await again(one)).ms);
        return Math.min(...times);
      };
      const slowest: number[] = [];
      for (const one of slowestFirst.slice(0, SLOWEST)) slowest.push(await best(one));
      const middle = slowestFirst[Math.floor(slowestFirst.length / 2)]!;
      took.push({ id, usual: await best(middle), most: Math.max(...slowest) });
    }
    const usual = took.map((one) => one.usual).toSorted((a, b) => a - b)[Math.floor(took.length / 2)]!;
    const late = took.filter((one) => one.most > MOST_TIMES * Math.max(usual, one.usual));
    expect(late.map(({ id }) => id)).toEqual([]);
  });
});

/** No half of a surrogate pair: a URL cannot say one. */
const wellFormed = (text: string): string => text.toWellFormed();
