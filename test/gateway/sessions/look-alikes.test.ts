// Signing in at what looks like NHS CIS2 and like Microsoft Entra ID: which of their claims count, and for what.

import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { decodeJwt, exportJWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { beforeAll, describe, expect, it, test } from "vitest";
import { identitySettings } from "#gateway";
import { systemClock } from "#kernel/clock";
import { signInIssuer } from "../../../src/gateway/sessions/issuer.ts";
import { newKey, type SigningKey } from "../identity/issuer.ts";

const CLIENT = "a-client-id";
const TENANT = "8c6b1f0e-58a7-4f6e-9d0a-1f1f6c1d2e3f";
const REDIRECT = "https://hub.trust.example/auth/callback";
const question = { state: "s", nonce: "the-nonce", verifier: "v".repeat(43), redirectUri: REDIRECT };

let key: SigningKey;
beforeAll(async () => {
  key = await newKey("one");
});
const sign = (claims: JWTPayload, issuer: string, audience: string) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: key.kid, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(key.privateKey);

/** An issuer on no wire: what it is asked, and its answers. */
function wire(issuer: string, answers: { token: () => Promise<object>; userInfo?: object }) {
  const asked: { url: string; form: URLSearchParams }[] = [];
  const outbound = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const url = String(input instanceof Request ? input.url : input);
    asked.push({ url, form: new URLSearchParams(String(init.body ?? "")) });
    if (url.endsWith("/openid-configuration"))
      return Response.json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/userinfo`,
      });
    if (url.endsWith("/keys")) return Response.json({ keys: [{ ...(await exportJWK(key.publicKey)), kid: key.kid }] });
    if (url.endsWith("/userinfo")) return Response.json(answers.userInfo ?? {});
    return Response.json(await answers.token());
  };
  return { asked, outbound: outbound as typeof fetch };
}

describe("NHS CIS2", () => {
  const ISSUER = "https://am.nhsidentity.example/openam/oauth2/healthcare";
  const identity = {
    sub: "9912003888",
    nonce: "the-nonce",
    acr: "AAL3_ANY",
    authentication_assurance_level: "3",
    id_assurance_level: "3",
  };
  const role = (role_code: string, org_code: string, person_roleid: string, activity_codes: string[] = []) => ({
    role_code,
    org_code,
    person_roleid,
    activity_codes,
  });
  const facts = {
    sub: "9912003888",
    name: "USERQ RANDOM Mr",
    nhsid_nrbac_roles: [
      role("S8000:G8000:R8008", "RXX", "555", ["B0264"]),
      role("S8000:G8000:R8003", "RYY", "556", ["B0999"]),
    ],
  };
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const settings = () =>
    identitySettings.parse({
      issuers: [
        {
          name: "cis2",
          kind: "cis2",
          issuer: ISSUER,
          jwksUrl: `${ISSUER}/keys`,
          audience: CLIENT,
          organisation: "RXX",
          roles: {
            "S8000:G8000:R8008": "steward",
            B0264: "approver",
            "S8000:G8000:R8003": "administrator",
            B0999: "auditor",
          },
          signIn: { clientId: CLIENT, privateKey, keyId: "hub-1", scopes: ["openid", "profile", "nationalrbacaccess"] },
        },
      ],
    }).issuers[0]!;
  const signInWith = async (claims: JWTPayload, told: object = facts) => {
    const at = wire(ISSUER, {
      token: async () => ({ access_token: "opaque", expires_in: 3_600, id_token: await sign(claims, ISSUER, CLIENT) }),
      userInfo: told,
    });
    const one = settings();
    const issuer = signInIssuer({ ...one, signIn: one.signIn! }, { clock: systemClock, outbound: at.outbound });
    return { at, signedIn: await issuer.redeem("a-code", question) };
  };

  it("tells who somebody is, the roles of our organisation and no other's, and how sure the sign-in was", async () => {
    const { signedIn } = await signInWith(identity);
    expect(signedIn).toMatchObject({ subject: "9912003888", refreshToken: undefined });
    expect(signedIn.principal).toMatchObject({
      kind: "user",
      id: "cis2:9912003888",
      name: "USERQ RANDOM Mr",
      roles: ["steward", "approver"],
      assuranceLevel: 3,
      organisation: "RXX",
    });
  });

  it("counts only the role that was selected, where one was", async () => {
    const { signedIn } = await signInWith(identity, { ...facts, selected_roleid: "556" });
    expect(signedIn.principal.roles).toEqual([]);
  });

  test.each([
    ["2", "3", 2],
    ["1", "3", 1],
    ["3", "1", 1],
    ["3", undefined, 1],
    [undefined, "3", 1],
    ["9", "3", 1],
  ])("authentication level %s with identity level %s counts as %i", async (aal, ial, level) => {
    const { signedIn } = await signInWith({
      ...identity,
      authentication_assurance_level: aal,
      id_assurance_level: ial,
    });
    expect(signedIn.principal.assuranceLevel).toBe(level);
  });

  it("is asked under our own key, by an assertion for its token endpoint and with the verifier of the question", async () => {
    const { at } = await signInWith(identity);
    const { form } = at.asked.find(({ url }) => url.endsWith("/token"))!;
    const assertion = form.get("client_assertion")!;
    await jwtVerify(assertion, createPublicKey(privateKey), {
      audience: `${ISSUER}/token`,
      issuer: CLIENT,
      subject: CLIENT,
    });
    expect(decodeJwt(assertion).exp! - decodeJwt(assertion).iat!).toBeLessThanOrEqual(300);
    expect(form.get("code_verifier")).toBe(question.verifier);
    expect(form.has("client_secret")).toBe(false);
  });

  test.each<[string, JWTPayload, object]>([
    ["user info of somebody else", identity, { ...facts, sub: "9912003889" }],
    ["the answer to another question", { ...identity, nonce: "another" }, facts],
    ["no answer to a question", { ...identity, nonce: undefined }, facts],
    ["a token for another application", { ...identity, azp: "another" }, facts],
  ])("is not believed on %s", async (_, claims, told) => {
    await expect(signInWith(claims, told)).rejects.toMatchObject({ code: "SIGN_IN_REFUSED" });
  });
});

describe("Microsoft Entra ID", () => {
  const ISSUER = `https://login.microsoftonline.example/${TENANT}/v2.0`;
  const API = "5d0e3c9b-0000-4000-8000-2f6f0f7c1a11";
  const one = identitySettings.parse({
    issuers: [
      {
        name: "trust",
        kind: "entra",
        issuer: ISSUER,
        jwksUrl: `${ISSUER}/keys`,
        audience: API,
        tenant: TENANT,
        roles: { "Lockgate.Steward": "steward" },
        assurance: { default: 2 },
        signIn: { clientId: CLIENT, clientSecret: "for-tests-only", scopes: ["openid", `api://${API}/lockgate`] },
      },
    ],
  }).issuers[0]!;
  const access = {
    ver: "2.0",
    tid: TENANT,
    oid: "a-person",
    sub: "pairwise-for-the-api",
    azp: CLIENT,
    scp: "lockgate",
    name: "Ann Example",
    roles: ["Lockgate.Steward"],
  };
  const identity = { tid: TENANT, oid: "a-person", sub: "pairwise-for-the-hub", nonce: "the-nonce", sid: "a-session" };
  const signInWith = async (accessClaims: JWTPayload, idClaims: JWTPayload) => {
    const at = wire(ISSUER, {
      token: async () => ({
        access_token: await sign(accessClaims, ISSUER, API),
        id_token: await sign(idClaims, ISSUER, CLIENT),
        refresh_token: "a-refresh-token",
        expires_in: 300,
      }),
    });
    const issuer = signInIssuer({ ...one, signIn: one.signIn! }, { clock: systemClock, outbound: at.outbound });
    return { at, signedIn: await issuer.redeem("a-code", question) };
  };

  it("tells who somebody is by the object id that both tokens share, though each has a subject of its own", async () => {
    const { at, signedIn } = await signInWith(access, identity);
    expect(signedIn).toMatchObject({
      subject: "pairwise-for-the-hub",
      sid: "a-session",
      refreshToken: "a-refresh-token",
      principal: { id: "trust:a-person", roles: ["steward"], scopes: ["lockgate"], assuranceLevel: 2 },
    });
    expect(at.asked.find(({ url }) => url.endsWith("/token"))!.form.get("client_secret")).toBe("for-tests-only");
  });

  test.each<[string, JWTPayload, JWTPayload]>([
    ["tokens of two people", { ...access, oid: "another-person" }, identity],
    ["another tenant's token", { ...access, tid: "5d0e3c9b-0000-4000-8000-000000000000" }, identity],
    ["an application's own permissions", { ...access, scp: undefined, idtyp: "app" }, identity],
    ["a token of version 1", { ...access, ver: "1.0" }, identity],
  ])("is not believed on %s", async (_, accessClaims, idClaims) => {
    await expect(signInWith(accessClaims, idClaims)).rejects.toMatchObject({ code: "SIGN_IN_REFUSED" });
  });
});
