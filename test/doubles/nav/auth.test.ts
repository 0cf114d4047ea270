// Authentication: Basic keys, and NTLMv2 that is verified and bound to its TCP connection.

import { createHmac, randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoCredentials } from "../../../doubles/nav/index.ts";
import { md4 } from "../../../doubles/nav/md4.ts";
import { type Site, startSite } from "./site.ts";

describe("MD4", () => {
  // Test vectors of RFC 1320, appendix A.5.
  const vectors: [string, string][] = [
    ["", "31d6cfe0d16ae931b73c59d7e0c089c0"],
    ["abc", "a448017aaf21d8525fc10ae87aa6729d"],
    ["message digest", "d9130a8164549fe818874806e1c7014b"],
    [
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "e33b4ddc9c38f2199c3e7b164fcc0536",
    ],
  ];
  test.each(vectors)("of %j is that of the standard", (input, digest) => {
    expect(md4(Buffer.from(input)).toString("hex")).toBe(digest);
  });
});

describe("Basic", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  const encoded = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  const rows: [string, string, number][] = [
    ["accepts the user in any case", encoded(`lockgate:${demoCredentials.secret}`), 200],
    ["refuses a wrong key", encoded("LOCKGATE:no"), 401],
    ["refuses another user", encoded(`OTHER:${demoCredentials.secret}`), 401],
    ["refuses another scheme", "Bearer x", 401],
    ["refuses nothing", "", 401],
  ];
  test.each(rows)("%s", async (_promise, authorization, status) => {
    const answer = await site.odata("/BC/api/v2.0/companies", { headers: { authorization } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? 'Basic realm=""' : null);
  });
});

describe("NTLM", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite({ switches: { auth: "ntlm" } });
  });
  afterAll(() => site.close());

  const path = "/BC/api/v2.0/companies";
  const ask = (agent: Agent, authorization?: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = authorization === undefined ? {} : { authorization };
      request(site.url(path), { agent, headers }, (response) => response.resume().on("end", () => resolve(response)))
        .on("error", reject)
        .end();
    });
  const oneConnection = () => new Agent({ keepAlive: true, maxSockets: 1 });

  const negotiate = Buffer.alloc(32);
  negotiate.write("NTLMSSP\0", 0, "latin1");
  negotiate.writeUInt32LE(1, 8);
  negotiate.writeUInt32LE(0x20080205, 12);

  /** AUTHENTICATE_MESSAGE of MS-NLMP 2.2.1.3 with an NTLMv2 response. */
  function authenticate(challengeHeader: string, secret: string, user = "LOCKGATE"): string {
    const challenge = Buffer.from(challengeHeader.slice("NTLM ".length), "base64");
    const info = challenge.subarray(
      challenge.readUInt32LE(44),
      challenge.readUInt32LE(44) + challenge.readUInt16LE(40),
    );
    const blob = Buffer.concat([
      Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
      Buffer.alloc(8),
      randomBytes(8),
      Buffer.alloc(4),
      info,
      Buffer.alloc(4),
    ]);
    const names = ["HOSPITAL", user, "WS1"].map((text) => Buffer.from(text, "utf16le"));
    const key = createHmac("md5", md4(Buffer.from(secret, "utf16le")))
      .update(Buffer.from(`${user.toUpperCase()}HOSPITAL`, "utf16le"))
      .digest();
    const proof = createHmac("md5", key).update(challenge.subarray(24, 32)).update(blob).digest();
    const fields = [Buffer.alloc(24), Buffer.concat([proof, blob]), ...names, Buffer.alloc(0)];
    const head = Buffer.alloc(64);
    head.write("NTLMSSP\0", 0, "latin1");
    head.writeUInt32LE(3, 8);
    let offset = head.length;
    for (const [index, field] of fields.entries()) {
      head.writeUInt16LE(field.length, 12 + index * 8);
      head.writeUInt16LE(field.length, 14 + index * 8);
      head.writeUInt32LE(offset, 16 + index * 8);
      offset += field.length;
    }
    return `NTLM ${Buffer.concat([head, ...fields]).toString("base64")}`;
  }
  const typeOne = `NTLM ${negotiate.toString("base64")}`;

  test("takes three legs, then holds for the connection and no other", async () => {
    const agent = oneConnection();
    const first = await ask(agent);
    expect([first.statusCode, first.headers["www-authenticate"]]).toEqual([401, "NTLM"]);
    const second = await ask(agent, typeOne);
    expect(second.statusCode).toBe(401);
    expect(
      (await ask(agent, authenticate(second.headers["www-authenticate"]!, demoCredentials.secret))).statusCode,
    ).toBe(200);
    expect((await ask(agent)).statusCode).toBe(200);
    const other = oneConnection();
    expect((await ask(other)).statusCode).toBe(401);
    agent.destroy();
    other.destroy();
  });

  test.each([
    ["a wrong password", "wrong", "LOCKGATE"],
    ["a wrong user", demoCredentials.secret, "SOMEBODY"],
  ])("refuses %s", async (_promise, secret, user) => {
    const agent = oneConnection();
    const challenge = await ask(agent, typeOne);
    expect((await ask(agent, authenticate(challenge.headers["www-authenticate"]!, secret, user))).statusCode).toBe(401);
    agent.destroy();
  });

  test("refuses an answer to a challenge of another connection, and one used twice", async () => {
    const [agent, other] = [oneConnection(), oneConnection()];
    const challenge = await ask(agent, typeOne);
    const answer = authenticate(challenge.headers["www-authenticate"]!, demoCredentials.secret);
    await ask(other, typeOne);
    expect((await ask(other, answer)).statusCode).toBe(401);
    expect((await ask(agent, answer)).statusCode).toBe(200);
    expect((await ask(agent, answer)).statusCode).toBe(401);
    expect((await ask(agent, typeOne)).statusCode).toBe(401);
    expect((await ask(agent, answer)).statusCode).toBe(401);
    agent.destroy();
    other.destroy();
  });

  test("refuses Basic", async () => {
    expect((await site.odata(path)).status).toBe(401);
  });
});
