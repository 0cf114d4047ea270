// Tokens for machines: given for a signed assertion that is short, meant for us and used once; and for nothing else.

import { randomUUID } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MachineTokens, machineTokens, type TokenAnswer } from "../../../src/gateway/identity/machine-tokens.ts";
import { type TestDatabase, testDatabase } from "../../database.ts";

const ENDPOINT = "https://hub.trust.example/oauth2/token";
const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
let database: TestDatabase;
let tokens: MachineTokens;
let robot: CryptoKey;
let other: CryptoKey;
let now = Date.now();
const clock = { now: () => now, sleep: () => Promise.resolve() };

beforeAll(async () => {
  database = await testDatabase();
  const pairs = [await generateKeyPair("ES384"), await generateKeyPair("RS384")] as const;
  [robot, other] = [pairs[0].privateKey, pairs[1].privateKey];
  const clients = [
    {
      id: "robot",
      keys: [{ ...(await exportJWK(pairs[0].publicKey)), kty: "EC", kid: "r" }],
      scopes: ["work.list" as const, "sagas.read" as const],
      purposes: [],
    },
    {
      id: "other",
      keys: [{ ...(await exportJWK(pairs[1].publicKey)), kty: "RSA", kid: "o" }],
      scopes: ["work.list" as const],
      purposes: [],
    },
  ];
  tokens = machineTokens(clients, { db: database.db, clock, endpoint: ENDPOINT });
});
afterAll(() => database?.drop());

/** An assertion as the robot makes it; what is given stands in place of what is right. */
const assertion = (claims: JWTPayload = {}, header: Record<string, string> = {}, key = robot): Promise<string> =>
  new SignJWT({
    iss: "robot",
    sub: "robot",
    aud: ENDPOINT,
    jti: randomUUID(),
    exp: Math.floor(now / 1_000) + 240,
    ...claims,
  })
    .setProtectedHeader({ alg: "ES384", kid: "r", ...header })
    .sign(key);

const grant = async (said: string, more: Record<string, string> = {}): Promise<TokenAnswer> =>
  (
    await tokens.grant(
      {
        grant_type: "client_credentials",
        client_assertion_type: TYPE,
        client_assertion: said,
        ...more,
      },
      undefined,
    )
  ).answer;

const given = async (more: Record<string, string> = {}): Promise<string> => {
  const answer = await grant(await assertion(), more);
  if ("error" in answer) throw new Error(answer.error);
  return answer.access_token;
};

describe("the token endpoint", () => {
  it("gives a token that lasts five minutes and stands for the client with what it asked for", async () => {
    const answer = await grant(await assertion(), { scope: "work.list" });
    expect(answer).toMatchObject({ token_type: "Bearer", expires_in: 300, scope: "work.list" });
    const token = (answer as { access_token: string }).access_token;
    expect((await tokens.find(token))?.principal).toEqual({
      kind: "client",
      id: "lockgate:robot",
      name: "robot",
      roles: [],
      scopes: ["work.list"],
      client: "robot",
      purposes: [],
    });
    now += 300_000;
    expect(await tokens.find(token)).toBeUndefined();
  });

  it("keeps no token that anybody who reads the database could use", async () => {
    const token = await given();
    const rows = await database.db.query<{ text: string }>({ text: "select t::text from identity.token t" });
    const stored = JSON.stringify(rows);
    expect(stored).not.toContain(token.slice(4));
    expect(stored).not.toContain(Buffer.from(token).toString("hex"));
  });

  it("takes an assertion once, also when it comes twice at the same moment", async () => {
    const said = await assertion();
    const answers = await Promise.all(Array.from({ length: 8 }, () => grant(said)));
    expect(answers.filter((answer) => "access_token" in answer)).toHaveLength(1);
    expect(answers.filter((answer) => "error" in answer && answer.error === "invalid_client")).toHaveLength(7);
  });

  it("remembers a used assertion for as long as it would be good", async () => {
    const said = await assertion({ exp: Math.floor(now / 1_000) + 300 });
    expect(await grant(said)).toHaveProperty("access_token");
    now += 320_000;
    expect(await grant(said)).toEqual({ error: "invalid_client" });
    // Others come and tidy up meanwhile.
    await given();
    expect(await grant(said)).toEqual({ error: "invalid_client" });
  });

  it.each<[string, () => Promise<string>]>([
    ["lasts an hour", () => assertion({ exp: Math.floor(now / 1_000) + 3_600 })],
    ["has run out", () => assertion({ exp: Math.floor(now / 1_000) - 60 })],
    ["has no end", () => assertion({ exp: undefined } as unknown as JWTPayload)],
    ["has no jti", () => assertion({ jti: undefined } as unknown as JWTPayload)],
    ["has a jti beyond measure", () => assertion({ jti: "j".repeat(129) })],
    ["is meant for another", () => assertion({ aud: "https://hub.trust.example/" })],
    ["speaks of another subject", () => assertion({ sub: "other" })],
    ["is another client's by its issuer", () => assertion({ iss: "other", sub: "other" })],
    ["is signed by another's key", () => assertion({}, { alg: "RS384" }, other)],
    ["comes from nobody known", () => assertion({ iss: "nobody", sub: "nobody" })],
    ["comes from a name of JavaScript's", () => assertion({ iss: "__proto__", sub: "__proto__" })],
    ["is text", async () => "abc"],
  ])("refuses an assertion that %s, and does not say why", async (_, make) => {
    expect(await grant(await make())).toEqual({ error: "invalid_client" });
  });

  it.each<[string, Record<string, string>, string]>([
    ["a scope that the client has not", { scope: "work.list everything" }, "invalid_scope"],
    ["another grant", { grant_type: "password" }, "unsupported_grant_type"],
    ["another kind of assertion", { client_assertion_type: "saml" }, "invalid_request"],
    ["a client id that the assertion contradicts", { client_id: "other" }, "invalid_client"],
  ])("refuses %s", async (_, more, error) => {
    expect(await grant(await assertion(), more)).toEqual({ error });
  });

  it("knows no token that it did not give", async () => {
    await given();
    for (const token of ["", "lgt_", `lgt_${"A".repeat(43)}`, "eyJhbGciOiJub25lIn0.e30."])
      expect(await tokens.find(token)).toBeUndefined();
  });

  it("forgets a client's tokens when the client is registered no more, and a revoked one", async () => {
    const token = await given();
    const none = machineTokens([], { db: database.db, clock, endpoint: ENDPOINT });
    expect(await none.find(token)).toBeUndefined();
    await database.db.query({ text: "update identity.token set revoked_at = now()" });
    expect(await tokens.find(token)).toBeUndefined();
  });
});
