// A running PDS double for one test file, held to the service's OpenAPI document where that is there, and its callers.

import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  demoClient,
  demoUser,
  type FaultInput,
  type LedgerEntry,
  type PdsDouble,
  type PdsDoubleOptions,
  type PersonInput,
  startPdsDouble,
} from "../../../doubles/pds/index.ts";

const shared = process.env.LOCKGATE_SHARED ?? resolve(import.meta.dirname, "../../../../shared");
/** The NHS's own examples, where they are there. */
export const examples = join(shared, "data/nhs/pds-examples");
/** The service's OpenAPI document. */
export const oas = join(examples, "spec/pds.oas.json");
export const hasExamples = existsSync(oas);
if (!hasExamples) process.stderr.write("PDS double: no OpenAPI document in shared data, so nothing is held to it\n");

/** The key pair of the demonstration's application; made once a test file, for it takes a while. */
export const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const publicKeyPem = keys.publicKey.export({ type: "spki", format: "pem" }).toString();

/** An answer, read to its end. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they check.
  json: any;
  /** Error code of the service; undefined in an answer without one. */
  code: string | undefined;
}

/** How a call differs from the plain one. */
export interface Variation {
  token?: string;
  /** Headers besides or instead of the usual ones; null leaves a usual one out. */
  headers?: Record<string, string | null>;
  requestId?: string;
}

/** A double and its callers. */
export interface Pds {
  double: PdsDouble;
  origin: string;
  /** Access token of the application. */
  appToken: string;
  /** Access token of the signed-in user. */
  userToken: string;
  call(method: string, path: string, body?: string, variation?: Variation): Promise<Reply>;
  retrieve(nhsNumber: string, variation?: Variation): Promise<Reply>;
  search(query: Record<string, string | string[]>, variation?: Variation): Promise<Reply>;
  /** An update by the signed-in user; `version` null leaves `If-Match` out. */
  update(nhsNumber: string, version: string | null, patches: unknown, variation?: Variation): Promise<Reply>;
  token(assertion: string, form?: Record<string, string>): Promise<Reply>;
  admin(method: string, path: string, body?: unknown): Promise<Reply>;
  put(...people: (PersonInput | object)[]): Promise<void>;
  faults(...faults: FaultInput[]): Promise<void>;
  ledger(kind?: LedgerEntry["kind"]): Promise<LedgerEntry[]>;
  signIn(roleId?: string): Promise<string>;
  signInApp(): Promise<string>;
  /** Back to the seed, with application and user signed in again. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** A signed assertion for the token endpoint at `audience`; `claims` and `header` replace the right ones. */
export function assertionFor(audience: string, claims: object = {}, header: object = {}, nowMs = Date.now()): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const { apiKey, kid } = demoClient;
  const right = { iss: apiKey, sub: apiKey, aud: audience, jti: randomUUID(), exp: Math.floor(nowMs / 1000) + 300 };
  const signed = `${encode({ alg: "RS512", typ: "JWT", kid, ...header })}.${encode({ ...right, ...claims })}`;
  return `${signed}.${sign("sha512", Buffer.from(signed), keys.privateKey).toString("base64url")}`;
}

/** Starts a double on a free port, with an application and a user signed in. */
export async function startPds(options: PdsDoubleOptions = {}): Promise<Pds> {
  const document = hasExamples ? { oas } : {};
  const double = await startPdsDouble({ ...document, clients: [{ ...demoClient, publicKeyPem }], ...options });
  const pds = callersOf(double, `http://127.0.0.1:${double.port}`, options.nowMs ?? Date.now);
  await signInBoth(pds);
  return pds;
}

async function signInBoth(pds: Pds): Promise<void> {
  pds.appToken = await pds.signInApp();
  pds.userToken = await pds.signIn();
}

function callersOf(double: PdsDouble, origin: string, nowMs: () => number): Pds {
  const pds: Pds = {
    double,
    origin,
    appToken: "",
    userToken: "",
    call: (method, path, body, { token, headers = {}, requestId } = {}) => {
      const usual = { authorization: `Bearer ${token ?? pds.appToken}`, "x-request-id": requestId ?? randomUUID() };
      const kept = Object.entries({ ...usual, ...headers }).filter(
        (entry): entry is [string, string] => entry[1] !== null,
      );
      return ask(`${origin}/personal-demographics/FHIR/R4${path}`, {
        method,
        headers: Object.fromEntries(kept),
        body: body ?? null,
      });
    },
    retrieve: (nhsNumber, variation) => pds.call("GET", `/Patient/${nhsNumber}`, undefined, variation),
    search: (query, variation) => {
      const pairs = Object.entries(query).flatMap(([name, values]) =>
        [values].flat().map((value): [string, string] => [name, value]),
      );
      return pds.call("GET", `/Patient?${new URLSearchParams(pairs)}`, undefined, variation);
    },
    update: (nhsNumber, version, patches, variation = {}) =>
      pds.call("PATCH", `/Patient/${nhsNumber}`, JSON.stringify({ patches }), {
        token: pds.userToken,
        ...variation,
        headers: { "content-type": "application/json-patch+json", "if-match": version, ...variation.headers },
      }),
    token: (assertion, form = {}) =>
      ask(`${origin}/oauth2/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: assertion,
          ...form,
        }),
      }),
    admin: (method, path, body) =>
      ask(`${origin}/admin/${path}`, { method, body: body === undefined ? null : JSON.stringify(body) }),
    put: async (...people) => expectDone(await pds.admin("PUT", "patients", people)),
    faults: async (...faults) => expectDone(await pds.admin("PUT", "faults", faults)),
    ledger: async (kind) => {
      const { text } = await pds.admin("GET", "ledger");
      const entries = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as LedgerEntry]));
      return entries.filter((entry) => kind === undefined || entry.kind === kind);
    },
    signIn: async (roleId = demoUser.roleId) =>
      (await pds.admin("POST", "users", { ...demoUser, roleId })).json.accessToken,
    signInApp: async () => (await pds.token(assertionFor(`${origin}/oauth2/token`, {}, {}, nowMs()))).json.access_token,
    renew: async () => {
      expectDone(await pds.admin("POST", "reset"));
      await signInBoth(pds);
    },
    close: () => double.close(),
  };
  return pds;
}

function expectDone({ status, text }: Reply): void {
  if (status !== 200) throw new Error(text);
}

async function ask(url: string, init: RequestInit): Promise<Reply> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") && !text.includes("\n");
  const json = isJson ? JSON.parse(text) : undefined;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json,
    code: json?.issue?.[0]?.details?.coding?.[0]?.code,
  };
}

/** The answers that broke the OpenAPI document. */
export const violationsOf = async (pds: Pds): Promise<unknown> => (await pds.admin("GET", "violations")).json;

/** Throws when an answer of the double broke the OpenAPI document. */
export async function checkNoViolations(pds: Pds): Promise<void> {
  const violations = await violationsOf(pds);
  if (JSON.stringify(violations) !== "[]") throw new Error(`broke the document: ${JSON.stringify(violations)}`);
}
