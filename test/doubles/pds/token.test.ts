// The token endpoint: which assertions it takes, which it refuses and why, and how long a token is worth something.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seedNumbers } from "../../../doubles/pds/index.ts";
import { assertionFor, keys, type Pds, startPds } from "./site.ts";

let pds: Pds;
let nowMs = Date.parse("2026-11-20T10:00:00Z");
beforeAll(async () => {
  pds = await startPds({ nowMs: () => nowMs });
});
beforeEach(async () => {
  nowMs = Date.parse("2026-11-20T10:00:00Z");
  await pds.renew();
});
afterAll(() => pds.close());

const url = () => `${pds.origin}/oauth2/token`;
const assertion = (claims?: object, header?: object) => assertionFor(url(), claims, header, nowMs);

test("a right assertion is answered with a bearer token of 599 seconds, the number given as a text", async () => {
  const { status, json } = await pds.token(assertion());
  expect([status, json]).toEqual([
    200,
    { access_token: expect.stringMatching(/^\S{20,}$/), expires_in: "599", token_type: "Bearer" },
  ]);
  expect((await pds.retrieve(seedNumbers.ordinary, { token: json.access_token })).status).toBe(200);
});

test("the same assertion does not work twice, another one does", async () => {
  const once = assertion();
  expect((await pds.token(once)).status).toBe(200);
  const again = await pds.token(once);
  expect([again.status, again.json.error_description]).toEqual([400, "Non-unique 'jti' claim in client_assertion JWT"]);
  expect((await pds.token(assertion())).status).toBe(200);
});

describe("an assertion is refused", () => {
  const second = (offset: number) => Math.floor(Date.parse("2026-11-20T10:00:00Z") / 1000) + offset;
  const wrongs: [what: string, claims: object, header: object, status: number, description: string][] = [
    ["signed as RS256", {}, { alg: "RS256" }, 400, "'alg'"],
    ["unsigned", {}, { alg: "none" }, 400, "'alg'"],
    ["without kid", {}, { kid: undefined }, 400, "Missing 'kid'"],
    ["with an unknown kid", {}, { kid: "other" }, 401, "no matching public key"],
    ["of another type", {}, { typ: "at+jwt" }, 400, "'typ'"],
    ["with iss that is not sub", { sub: "other" }, {}, 400, "non-matching 'iss'/'sub'"],
    ["of an unknown application", { iss: "other", sub: "other" }, {}, 401, "Invalid 'iss'/'sub'"],
    ["for another audience", { aud: "https://elsewhere.example/oauth2/token" }, {}, 401, "'aud'"],
    ["without exp", { exp: undefined }, {}, 400, "Missing 'exp'"],
    ["with exp as a text", { exp: String(second(100)) }, {}, 400, "must be a number"],
    ["that has expired", { exp: second(0) }, {}, 400, "expired"],
    ["that lives longer than 310 seconds", { exp: second(311) }, {}, 400, "more than 5 minutes"],
    ["without jti", { jti: undefined }, {}, 400, "Missing 'jti'"],
    ["with jti that is no text", { jti: 7 }, {}, 400, "unique string"],
  ];
  test.each(wrongs)("%s", async (_what, claims, header, status, description) => {
    const refused = await pds.token(assertion(claims, header));
    expect([refused.status, refused.json.error]).toEqual([status, "invalid_request"]);
    expect(refused.json.error_description).toContain(description);
  });

  test("whose signature was made over something else", async () => {
    const [header, , signature] = assertion().split(".");
    const [, claims] = assertion().split(".");
    const refused = await pds.token(`${header}.${claims}.${signature}`);
    expect([refused.status, refused.json.error_description]).toEqual([401, "JWT signature verification failed"]);
  });

  test.each(["", "a.b.c", "no jwt"])("that is no assertion: %j", async (text) => {
    expect((await pds.token(text)).status).toBe(400);
  });

  test("that expires 310 seconds ahead is still taken", async () => {
    expect((await pds.token(assertion({ exp: second(310) }))).status).toBe(200);
  });
});

test.each([
  [{ grant_type: "password" }, "unsupported_grant_type"],
  [{ client_assertion_type: "other" }, "invalid_request"],
])("a token request with %o is refused", async (form, error) => {
  const refused = await pds.token(assertion(), form);
  expect([refused.status, refused.json.error]).toEqual([400, error]);
});

test("two keys of one application work side by side, as PEM and as JWK, and a key that is no RSA key is refused", async () => {
  const jwk = keys.publicKey.export({ format: "jwk" });
  const pem = keys.publicKey.export({ type: "spki", format: "pem" });
  expect((await pds.admin("PUT", "clients", { apiKey: "lockgate-demo", kid: "second", jwk })).status).toBe(200);
  expect((await pds.admin("PUT", "clients", { apiKey: "other", kid: "one", publicKeyPem: pem })).status).toBe(200);
  expect((await pds.token(assertion())).status).toBe(200);
  expect((await pds.token(assertion({}, { kid: "second" }))).status).toBe(200);
  expect((await pds.token(assertion({ iss: "other", sub: "other" }, { kid: "one" }))).status).toBe(200);
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  expect((await pds.admin("PUT", "clients", { apiKey: "other", kid: "two", jwk: curve })).status).toBe(400);
});

describe("a call of the service", () => {
  test.each([
    ["without a token", { authorization: null }],
    ["with another scheme", { authorization: "Basic bG9ja2dhdGU6a2V5" }],
    ["with an unknown token", { authorization: "Bearer unknown" }],
  ])("%s is answered 401 ACCESS_DENIED", async (_what, headers) => {
    const refused = await pds.retrieve(seedNumbers.ordinary, { headers });
    expect([refused.status, refused.code]).toEqual([401, "ACCESS_DENIED"]);
  });

  test("is let in until its token ends, for an application and for a user", async () => {
    const user = (await pds.admin("POST", "users", { roleId: "1", organisation: "ZZ1", lifetimeSeconds: 600 })).json;
    nowMs += 598_999;
    expect((await pds.retrieve(seedNumbers.ordinary)).status).toBe(200);
    nowMs += 1;
    expect((await pds.retrieve(seedNumbers.ordinary)).status).toBe(401);
    expect((await pds.retrieve(seedNumbers.ordinary, { token: user.accessToken })).status).toBe(200);
    nowMs += 1000;
    expect((await pds.retrieve(seedNumbers.ordinary, { token: user.accessToken })).status).toBe(401);
  });

  test("for a user must name the user's own role, if it names one", async () => {
    const ask = (roleId: string, token: string) =>
      pds.retrieve(seedNumbers.ordinary, { token, headers: { "nhsd-session-urid": roleId }, requestId: randomUUID() });
    const token = await pds.signIn("4711");
    expect((await ask("4711", token)).status).toBe(200);
    expect((await ask("4712", token)).code).toBe("INVALID_VALUE");
    expect((await ask("4712", pds.appToken)).status).toBe(200);
  });
});
