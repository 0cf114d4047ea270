// Bearer tokens as an attacker would send them, and as Entra ID and an RFC 9068 issuer do.

import { createHmac, createPublicKey } from "node:crypto";
import { exportJWK, exportSPKI, type JWTPayload } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LockgateError } from "#kernel/errors";
import { type BearerVerifier, bearerVerifier } from "../../../src/gateway/identity/bearer.ts";
import type { IssuerSettings } from "../../../src/gateway/identity/settings.ts";
import { type Making, newKey, publishKeys, type SigningKey, signed } from "./issuer.ts";

const AUDIENCE = "urn:lockgate";
const TENANT = "8c6b1f0e-58a7-4f6e-9d0a-1f1f6c1d2e3f";
const START_MS = Date.parse("2026-05-01T09:00:00Z");

let keys: Awaited<ReturnType<typeof publishKeys>>;
let first: SigningKey;
let second: SigningKey;
let now = START_MS;
const clock = { now: () => now, sleep: () => Promise.resolve() };

beforeAll(async () => {
  keys = await publishKeys();
  [first, second] = [await newKey("first"), await newKey("second")];
});
afterAll(() => void keys?.close());

const plain = (): IssuerSettings => ({
  name: "trust",
  kind: "oidc",
  issuer: "https://id.trust.example",
  jwksUrl: keys.jwksUrl,
  algorithms: ["RS256"],
  audience: AUDIENCE,
  roles: { "lockgate-stewards": "steward" },
  assurance: { "urn:second-factor": 2 },
  purposes: [],
});
const entra = (): IssuerSettings => ({
  ...plain(),
  name: "entra",
  kind: "entra",
  issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  tenant: TENANT,
  roles: { "Lockgate.Approve": "approver" },
});

const nothingOfOurOwn = { find: async () => undefined };
let verify: BearerVerifier;
beforeEach(async () => {
  now = START_MS;
  Object.assign(keys.told, { fetches: 0, down: false });
  await keys.publish(first);
  verify = bearerVerifier(nothingOfOurOwn, [plain(), entra()], clock);
});

const user = { sub: "u-1", client_id: "console", name: "Ann Example", scope: "ops", roles: ["lockgate-stewards", "x"] };

/** A token as the issuer makes it; what is given stands in place of what is right. */
const token = (claims: JWTPayload = user, making: Partial<Making> = {}): Promise<string> =>
  signed(claims, {
    key: first,
    issuer: plain().issuer,
    audience: AUDIENCE,
    fromS: now / 1_000,
    tillS: now / 1_000 + 600,
    ...making,
  });

const refusal = async (said: string): Promise<LockgateError> => {
  const thrown = await verify(said).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(LockgateError);
  return thrown as LockgateError;
};

describe("an RFC 9068 issuer", () => {
  it("tells a person with the roles that are mapped, and nothing of the others", async () => {
    expect(await verify(await token())).toEqual({
      kind: "user",
      id: "trust:u-1",
      name: "Ann Example",
      roles: ["steward"],
      scopes: ["ops"],
      client: "console",
      assuranceLevel: 1,
    });
    const sure = await verify(await token({ ...user, acr: "urn:second-factor" }));
    expect(sure).toMatchObject({ assuranceLevel: 2 });
    expect(await verify(await token({ ...user, acr: "constructor" }))).toMatchObject({ assuranceLevel: 1 });
  });

  it("tells a machine by a subject that is the client, and gives it no role that its claims name", async () => {
    const claims = { sub: "robot", client_id: "robot", scope: "ops.read", roles: ["lockgate-stewards"] };
    expect(await verify(await token(claims))).toMatchObject({ kind: "client", roles: [], scopes: ["ops.read"] });
  });

  it("takes no client that is not on the issuer's list", async () => {
    verify = bearerVerifier(nothingOfOurOwn, [{ ...plain(), clients: ["another"] }], clock);
    expect((await refusal(await token())).reason).toBe("claims");
  });
});

describe("Entra ID", () => {
  const base = { oid: "o-1", azp: "app-1", tid: TENANT, ver: "2.0", name: "Ben Example" };
  const entraToken = (claims: JWTPayload) => token(claims, { issuer: entra().issuer, header: { typ: "JWT" } });

  it("takes delegated permissions for a person's and application permissions for a machine's", async () => {
    const person = await verify(await entraToken({ ...base, scp: "ops", roles: ["Lockgate.Approve"] }));
    expect(person).toMatchObject({ kind: "user", id: "entra:o-1", roles: ["approver"], scopes: ["ops"] });
    const machine = await verify(await entraToken({ ...base, roles: ["Lockgate.Approve"], idtyp: "app" }));
    expect(machine).toMatchObject({ kind: "client", id: "entra:app-1", roles: [], scopes: ["Lockgate.Approve"] });
  });

  it.each([
    ["another tenant", { ...base, tid: "11111111-58a7-4f6e-9d0a-1f1f6c1d2e3f", scp: "ops" }],
    ["tokens of version 1", { ...base, ver: "1.0", scp: "ops" }],
    ["no client", { ...base, azp: undefined, scp: "ops" }],
    ["an application with delegated permissions", { ...base, idtyp: "app", scp: "ops" }],
    ["a person without any permission", { ...base, idtyp: "user" }],
  ])("refuses %s", async (_, claims) => {
    expect((await refusal(await entraToken(claims as JWTPayload))).reason).toBe("claims");
  });
});

describe("attacks", () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = () => ({
    ...user,
    iss: plain().issuer,
    aud: AUDIENCE,
    iat: now / 1_000,
    exp: now / 1_000 + 600,
  });

  it("takes no token without a signature", async () => {
    expect((await refusal(`${part({ alg: "none", typ: "at+jwt" })}.${part(claims())}.`)).code).toBe(
      "REQUEST_UNAUTHENTICATED",
    );
  });

  it("takes no token that is signed with the public key as a shared secret", async () => {
    const head = `${part({ alg: "HS256", typ: "at+jwt", kid: first.kid })}.${part(claims())}`;
    const spki = await exportSPKI(first.publicKey);
    for (const secret of [spki, createPublicKey(spki).export({ type: "spki", format: "der" })]) {
      const signature = createHmac("sha256", secret).update(head).digest("base64url");
      expect((await refusal(`${head}.${signature}`)).code).toBe("REQUEST_UNAUTHENTICATED");
    }
  });

  it("takes no key that the token brings with it", async () => {
    const own = await newKey("own");
    const jwk = await exportJWK(own.publicKey);
    for (const header of [{ jwk }, { jku: keys.jwksUrl }, { x5u: keys.jwksUrl }])
      expect((await refusal(await token(user, { key: own, header }))).code).toBe("REQUEST_UNAUTHENTICATED");
    expect((await refusal(await token(user, { key: { ...own, kid: first.kid } }))).reason).toBe("signature");
  });

  it("takes no key id that points elsewhere", async () => {
    for (const kid of ["../../etc/passwd", "' or 1=1 --", "first\u0000", "__proto__"])
      expect((await refusal(await token(user, { header: { kid } }))).reason).toBe("key-unknown");
  });

  it.each([
    ["another audience", () => token(user, { audience: "urn:another" }), "claim-aud"],
    ["an issuer it does not know", () => token(user, { issuer: "https://id.trust.example/" }), "issuer"],
    ["an identity token", () => token(user, { header: { typ: "JWT" } }), "claim-typ"],
    ["what has expired", () => token(user, { fromS: now / 1_000 - 700, tillS: now / 1_000 - 31 }), "expired"],
    ["what is not valid yet", () => token(user, { fromS: now / 1_000 + 60 }), "claim-nbf"],
    ["no client", () => token({ sub: "u-1" }), "claims"],
    ["text that is no token", async () => "abc", "not-a-token"],
    ["a token without end", async () => "a".repeat(9_000), "too-long"],
  ])("refuses %s", async (_, make, reason) => {
    const { code, reason: said } = await refusal(await make());
    expect({ code, said }).toEqual({ code: "REQUEST_UNAUTHENTICATED", said: reason });
  });

  it("takes no algorithm off the list, though the key is the issuer's own", async () => {
    const strange = await newKey("strange", "PS256");
    await keys.publish(first, strange);
    expect((await refusal(await token(user, { key: strange, header: { alg: "PS256" } }))).reason).toBe("algorithm");
  });

  it("lets one issuer say nothing in another's name", async () => {
    const said = await token({ ...user, oid: "o-1", azp: "a", tid: TENANT, ver: "2.0" }, { issuer: entra().issuer });
    const only = bearerVerifier(nothingOfOurOwn, [plain()], clock);
    await expect(only(said)).rejects.toMatchObject({ code: "REQUEST_UNAUTHENTICATED", reason: "issuer" });
  });
});

describe("keys and memory", () => {
  it("takes tokens of a new key as soon as it is published, and fetches keys seldom for unknown ones", async () => {
    await verify(await token());
    expect(keys.told.fetches).toBe(1);
    for (let tried = 0; tried < 20; tried += 1)
      await refusal(await token(user, { key: { ...second, kid: `guess-${tried}` } }));
    expect(keys.told.fetches).toBe(1);
    await keys.publish(first, second);
    const afresh = bearerVerifier(nothingOfOurOwn, [plain()], clock);
    expect(await afresh(await token(user, { key: second }))).toMatchObject({ id: "trust:u-1" });
  });

  it("says that it is the keys' fault when they cannot be had, and takes the token once they can", async () => {
    keys.told.down = true;
    const good = await token();
    expect((await refusal(good)).code).toBe("IDENTITY_UNAVAILABLE");
    keys.told.down = false;
    expect(await verify(good)).toMatchObject({ id: "trust:u-1" });
  });

  it("forgets a token at its end, however lately it was seen", async () => {
    const short = await token(user, { tillS: now / 1_000 + 20 });
    await verify(short);
    now += 19_000;
    expect(await verify(short)).toMatchObject({ id: "trust:u-1" });
    now += 40_000;
    expect((await refusal(short)).reason).toBe("expired");
  });
});
