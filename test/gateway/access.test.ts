// Access by token: a person acts in their own name and no other, a machine never decides, and a refusal is on record.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { exportJWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayOptions, identitySettings, openGateway } from "#gateway";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { type Desk, openDesk } from "../engine/work/desk.ts";
import { newKey, publishKeys, type SigningKey, signed } from "./identity/issuer.ts";

const ISSUER = "https://id.trust.example";
const PUBLIC_URL = "https://hub.trust.example";

describe("access by token", () => {
  let desk: Desk;
  let keys: Awaited<ReturnType<typeof publishKeys>>;
  let key: SigningKey;
  let machineKey: SigningKey;
  let gateway: Awaited<ReturnType<typeof openGateway>>;
  beforeAll(async () => {
    [desk, keys, key, machineKey] = await Promise.all([
      openDesk(),
      publishKeys(),
      newKey("people"),
      newKey("machine", "ES384"),
    ]);
    await keys.publish(key);
    const own = { ...(await exportJWK(machineKey.publicKey)), kty: "EC", kid: machineKey.kid };
    const options: Partial<GatewayOptions> = {
      host: "127.0.0.1",
      port: 0,
      db: desk.db,
      work: desk.work,
      clock: systemClock,
      log: openLog("silent"),
      policies: join(import.meta.dirname, "../../resources/policies"),
      identity: identitySettings.parse({
        publicUrl: PUBLIC_URL,
        issuers: [
          {
            name: "trust",
            kind: "oidc",
            issuer: ISSUER,
            jwksUrl: keys.jwksUrl,
            algorithms: ["RS256"],
            audience: PUBLIC_URL,
            roles: { stewards: "steward", operators: "operator" },
            assurance: { "urn:second-factor": 2 },
            purposes: [],
          },
        ],
        clients: [{ id: "reporting", keys: [own], scopes: ["work.list"], purposes: ["administration"] }],
      }),
    };
    gateway = await openGateway(options as GatewayOptions);
  });
  afterAll(async () => {
    await gateway?.close();
    keys?.close();
    await desk?.close();
  });

  const personal = (subject: string, claims: JWTPayload = {}) =>
    signed(
      {
        sub: subject,
        client_id: "console",
        scope: "lockgate",
        acr: "urn:second-factor",
        roles: ["stewards"],
        ...claims,
      },
      { key, issuer: ISSUER, audience: PUBLIC_URL, fromS: Date.now() / 1_000, tillS: Date.now() / 1_000 + 300 },
    );
  const post = async (path: string, body: unknown, token: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${gateway.address}/ops/v1/work/${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "purpose-of-use": "administration",
        ...headers,
      },
      body: JSON.stringify(body),
    });
    const isReplayed = answer.headers.has("idempotency-replayed");
    return { status: answer.status, isReplayed, body: (await answer.json()) as Record<string, unknown> };
  };
  async function machineToken(): Promise<string> {
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: "ES384", kid: machineKey.kid })
      .setIssuer("reporting")
      .setSubject("reporting")
      .setAudience(`${PUBLIC_URL}/oauth2/token`)
      .setExpirationTime("4m")
      .sign(machineKey.privateKey);
    const answer = await fetch(`${gateway.address}/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion,
      }),
    });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  test("two stewards decide under the names that their tokens give them, and the record says so", async () => {
    const item = await desk.open();
    const decision = { action: "approve", digest: item.digest };
    const [ann, ben] = [await personal("ann"), await personal("ben")];
    await post(`${item.id}/decide`, decision, ann);
    // Once more by the same person is refused, whatever the token.
    expect(await post(`${item.id}/decide`, decision, await personal("ann"))).toMatchObject({
      status: 403,
      body: { code: "ACCESS_REFUSED" },
    });
    expect((await post(`${item.id}/decide`, decision, ben)).body.item).toMatchObject({ state: "decided" });
    expect(await desk.leaves(item.journeyId)).toEqual([
      "work.opened waiting",
      "work.chosen ok trust:ann",
      "access.refused refused trust:ann",
      "work.chosen ok trust:ben",
      "work.decided ok trust:ben",
    ]);
  });

  test("a person who names somebody else is refused", async () => {
    const item = await desk.open();
    const refused = await post(`${item.id}/claim`, { as: { name: "ben", roles: ["steward"] } }, await personal("ann"));
    expect(refused).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
  });

  test("a person without the role looks, and decides nothing", async () => {
    const item = await desk.open();
    const token = await personal("cat", { roles: ["stewards-of-something-else"] });
    const refused = await post(`${item.id}/decide`, { action: "approve", digest: item.digest }, token);
    expect(refused).toMatchObject({ status: 403, body: { code: "ACCESS_REFUSED" } });
  });

  test("a machine gets a token by its key, lists, and decides nothing", async () => {
    const token = await machineToken();
    expect((await post("list", { id: newId() }, token)).status).toBe(200);
    const item = await desk.open();
    for (const deed of ["show", "claim"])
      expect(await post(`${item.id}/${deed}`, {}, token)).toMatchObject({
        status: 403,
        body: { code: "ACCESS_REFUSED" },
      });
  });

  test("the token endpoint says no more than OAuth asks for when it refuses", async () => {
    const answer = await fetch(`${gateway.address}/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: "a.b.c",
      }),
    });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ error: "invalid_client" });
  });

  test("a refused token is recorded with the reason and without the token", async () => {
    const token = await personal("ann", { client_id: undefined });
    expect(await post("list", {}, token)).toMatchObject({ status: 401, body: { code: "REQUEST_UNAUTHENTICATED" } });
    const leaves = await desk.db.query<{ body: string }>({
      text: `select body from audit.leaf where body like '%"name":"access.refused"%' order by position desc limit 1`,
    });
    expect(JSON.parse(leaves[0]!.body)).toMatchObject({ outcome: "refused", detail: { reason: "claims" } });
    expect(leaves[0]!.body).not.toContain(token.slice(-20));
  });

  describe("an idempotency key", () => {
    const under = (key: string) => ({ "idempotency-key": key });
    const deeds = (journeyId: string) => desk.leaves(journeyId);

    test("has a repeated write answered as it was, and done once, also when both come at the same moment", async () => {
      const item = await desk.open();
      const token = await personal("ann");
      const comment = () => post(`${item.id}/comment`, { comment: "seen" }, token, under(`comment-${item.id}`));
      const together = await Promise.all([comment(), comment(), comment()]);
      expect(together.every(({ status }) => status === 200 || status === 409)).toBe(true);
      expect(await comment()).toEqual({ status: 200, isReplayed: true, body: { done: "commented" } });
      expect((await deeds(item.journeyId)).filter((leaf) => leaf.startsWith("work.commented"))).toHaveLength(1);
    });

    const claimed = async (roles: readonly string[], itemId: string, headers = under(`claim-${itemId}`)) =>
      post(`${itemId}/claim`, {}, await personal("cat", { roles: [...roles] }), headers);

    test("does not hold whoever was refused to it: once the role is there, the same request is let in", async () => {
      const { id } = await desk.open();
      expect(await claimed([], id)).toMatchObject({ status: 403, isReplayed: false, body: { code: "ACCESS_REFUSED" } });
      expect(await claimed(["stewards"], id)).toMatchObject({ status: 200, isReplayed: false });
      expect(await claimed(["stewards"], id)).toMatchObject({ status: 200, isReplayed: true });
    });

    test("gives no stored answer to somebody whose role was taken away since, and the refusal is on record", async () => {
      const item = await desk.open();
      expect((await claimed(["stewards"], item.id)).status).toBe(200);
      expect(await claimed([], item.id)).toMatchObject({
        status: 403,
        isReplayed: false,
        body: { code: "ACCESS_REFUSED" },
      });
      expect((await deeds(item.journeyId)).at(-1)).toBe("access.refused refused trust:cat");
    });

    test("withholds the stored answer where whoever asks may see something else by now", async () => {
      const { id } = await desk.open();
      expect((await claimed(["stewards"], id)).status).toBe(200);
      for (const change of [{ roles: ["stewards", "operators"] }, { headers: { "purpose-of-use": "audit" } }]) {
        const headers = { ...under(`claim-${id}`), ...change.headers };
        expect(await claimed(change.roles ?? ["stewards"], id, headers)).toMatchObject({
          status: 409,
          isReplayed: false,
          body: { code: "IDEMPOTENCY_ANSWER_WITHHELD" },
        });
      }
      expect(await claimed(["stewards"], id)).toMatchObject({ status: 200, isReplayed: true });
    });

    test("has the answer to one's own decision given again, though one has decided since", async () => {
      const item = await desk.open();
      const token = await personal("ann");
      const decide = () =>
        post(`${item.id}/decide`, { action: "approve", digest: item.digest }, token, under(`own-${item.id}`));
      const once = await decide();
      expect(once).toMatchObject({ status: 200, isReplayed: false });
      expect(await decide()).toEqual({ ...once, isReplayed: true });
    });

    test("is refused for another request, and is another's own for another person", async () => {
      const item = await desk.open();
      const key = under(`mine-${item.id}`);
      await post(`${item.id}/comment`, { comment: "one" }, await personal("ann"), key);
      expect(await post(`${item.id}/comment`, { comment: "two" }, await personal("ann"), key)).toMatchObject({
        status: 422,
        body: { code: "IDEMPOTENCY_KEY_REUSED" },
      });
      expect(await post(`${item.id}/comment`, { comment: "two" }, await personal("ben"), key)).toMatchObject({
        status: 200,
        isReplayed: false,
      });
    });

    test("is free again after a failure that may pass", async () => {
      const item = await desk.open();
      const token = await personal("ann");
      const key = under(`later-${item.id}`);
      await desk.db.query({
        text: `insert into gateway.idempotent_request (principal, key, digest, begun_at)
          select 'trust:ann', $1, sha256(convert_to($2, 'UTF8')), now() - interval '2 minutes'`,
        values: [`later-${item.id}`, `POST /ops/v1/work/${item.id}/claim\n{}`],
      });
      // A node took the key and is gone: after a minute the next request takes it over.
      expect(await post(`${item.id}/claim`, {}, token, key)).toMatchObject({ status: 200, isReplayed: false });
    });

    test.each(["short", "with space in it", "x".repeat(201)])("is refused where it is none: %s", async (key) => {
      const refused = await post("list", {}, await personal("ann"), under(key));
      expect(refused).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
    });
  });
});
