// The way out to identity providers, as an attacker would bend it: names that resolve inwards, addresses, redirects, plain HTTP.

import type { lookup } from "node:dns";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guardedFetch, isForbidden } from "../../../src/gateway/identity/outbound.ts";
import { openYard } from "../door.ts";

/** A resolver that answers as the test says, and counts how often it is asked. */
function resolver(...answers: readonly string[][]) {
  const told = { asked: 0 };
  const resolve = (_: string, __: object, done: (error: null, all: { address: string; family: number }[]) => void) => {
    const addresses = answers[Math.min(told.asked, answers.length - 1)]!;
    told.asked += 1;
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return { told, resolve: resolve as unknown as typeof lookup };
}

let server: Server;
let url: string;
let requests = 0;
beforeAll(async () => {
  server = createServer((request, answer) => {
    requests += 1;
    if (request.url === "/redirect") answer.writeHead(302, { location: `${url}/inside` });
    answer.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server?.close());

/** Why it was refused: by us, or below `fetch`. */
const reasonOf = async (asked: Promise<unknown>): Promise<string | undefined> => {
  const thrown = await asked.then(
    () => undefined,
    (error: unknown) => error as { reason?: string; cause?: { reason?: string } },
  );
  return thrown?.reason ?? thrown?.cause?.reason;
};

describe("keys are not fetched", () => {
  test.each([
    ["loopback", ["127.0.0.1"]],
    ["loopback of IPv6", ["::1"]],
    ["loopback written as IPv6", ["::ffff:127.0.0.1"]],
    ["where a cloud answers with credentials", ["169.254.169.254"]],
    ["the same over IPv6", ["fd00:ec2::254"]],
    ["link-local", ["fe80::1"]],
    ["any address", ["0.0.0.0"]],
    ["somewhere good and loopback as well", ["192.0.2.1", "127.0.0.1"]],
  ])("from a name that resolves to %s", async (_, addresses) => {
    const { resolve, told } = resolver(addresses);
    expect(await reasonOf(guardedFetch([], resolve)("https://id.trust.example/keys"))).toBe("address");
    expect(told.asked).toBe(1);
  });

  test.each([
    ["https://127.0.0.1/keys", "address"],
    ["https://127.1/keys", "address"],
    ["https://2130706433/keys", "address"],
    ["https://0x7f000001/keys", "address"],
    ["https://[::1]/keys", "address"],
    ["https://[::ffff:a9fe:a9fe]/keys", "address"],
    ["https://169.254.169.254/latest/meta-data", "address"],
    ["http://id.trust.example/keys", "not-https"],
    ["file:///etc/passwd", "not-https"],
  ])("from %s", async (asked, reason) => {
    const { resolve, told } = resolver(["192.0.2.1"]);
    expect(await reasonOf(guardedFetch([], resolve)(asked))).toBe(reason);
    expect(told.asked).toBe(0);
  });

  test("by a redirect", async () => {
    requests = 0;
    await expect(guardedFetch(["127.0.0.1"])(`${url}/redirect`)).rejects.toThrow();
    expect(requests).toBe(1);
  });
});

test("hosts that are named may be anywhere", async () => {
  const answer = await guardedFetch(["127.0.0.1"])(`${url}/keys`);
  expect(await answer.json()).toEqual({});
});

test("a hospital's own network may be asked: only the machine and its cloud may not", () => {
  expect(["10.1.2.3", "172.16.0.9", "192.168.1.1", "2001:db8::1", "fd12:3456::1"].filter(isForbidden)).toEqual([]);
});

test("a live gateway asks no issuer for keys at an address of its own machine, and a test site does", async () => {
  const yard = await openYard();
  try {
    const answers = [];
    for (const environment of ["test", "live"] as const) {
      const gateway = await yard.open({}, { environment });
      const answer = await fetch(`${gateway.address}/ops/v1/catalogue`, {
        headers: { authorization: `Bearer ${await yard.token("ann")}` },
      });
      answers.push([answer.status, ((await answer.json()) as { code?: string }).code]);
      await gateway.close();
    }
    expect(answers).toEqual([
      [200, undefined],
      [503, "IDENTITY_UNAVAILABLE"],
    ]);
  } finally {
    await yard.close();
  }
});
