// Requests that are too much, too deep, too slow or in disguise: each is refused with a code, and the gateway goes on.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { depthOf } from "../../src/gateway/protection.ts";
import { type Site, startSite } from "../journeys/platform-rig.ts";

describe("the gateway under attack", () => {
  let site: Site;
  let port: number;
  let people: Record<string, string>;
  beforeAll(async () => {
    site = await startSite();
    people = await site.people.headersOf();
    port = site.mllpPort - 1;
  });
  afterAll(() => site?.close());

  const search = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}/ops/v1/journeys/search`, {
      method: "POST",
      body,
      headers: { ...people, "content-type": "application/json", ...headers },
    });

  test.each<[string, () => Promise<Response>, number, string]>([
    [
      "a compressed body, however small",
      () => search(new Uint8Array(gzipSync(" ".repeat(5_000_000))), { "content-encoding": "gzip" }),
      415,
      "REQUEST_UNSUPPORTED_MEDIA",
    ],
    ["XML", () => search("<a/>", { "content-type": "application/xml" }), 415, "REQUEST_UNSUPPORTED_MEDIA"],
    [
      "a form",
      () => search("key=x", { "content-type": "application/x-www-form-urlencoded" }),
      415,
      "REQUEST_UNSUPPORTED_MEDIA",
    ],
    ["JSON without end in depth", () => search("[".repeat(900_000)), 400, "REQUEST_INVALID"],
    [
      "deep JSON in a member that nobody asked for",
      () => search(`{"key":"x","more":${"[".repeat(40)}${"]".repeat(40)}}`),
      400,
      "REQUEST_INVALID",
    ],
    ["a member called __proto__", () => search('{"key":"x","__proto__":{"isAdmin":true}}'), 400, "REQUEST_INVALID"],
    [
      "a constructor's prototype",
      () => search('{"key":"x","constructor":{"prototype":{"isAdmin":true}}}'),
      400,
      "REQUEST_INVALID",
    ],
    [
      "a member that is not in the contract",
      () => search('{"key":"x","actor":"someone else"}'),
      400,
      "REQUEST_INVALID",
    ],
    ["a body over the bound", () => search(JSON.stringify({ key: "x".repeat(1_100_000) })), 413, "REQUEST_INVALID"],
    [
      "a path that climbs",
      () => fetch(`http://127.0.0.1:${port}/ops/v1/%2e%2e/%2e%2e/etc/passwd`),
      404,
      "ROUTE_UNKNOWN",
    ],
    [
      "a method that no route has",
      () => fetch(`http://127.0.0.1:${port}/ops/v1/channels`, { method: "DELETE" }),
      404,
      "ROUTE_UNKNOWN",
    ],
  ])("refuses %s", async (_, attack, status, code) => {
    const answer = await attack();
    expect({ status: answer.status, type: answer.headers.get("content-type") }).toEqual({
      status,
      type: "application/problem+json; charset=utf-8",
    });
    expect(await answer.json()).toMatchObject({ code, status });
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it("names the member that is wrong, never its value", async () => {
    const answer = (await (await search('{"key":12345678}')).json()) as { detail: string };
    expect(answer.detail).not.toContain("12345678");
    expect((await (await search('{"key":""}')).json()) as object).toMatchObject({
      detail: expect.stringContaining("body/key") as string,
    });
  });

  it("answers so that no browser keeps, frames or sniffs it, or gives it to another origin's page", async () => {
    for (const path of ["/health/live", "/ops/v1/channels", "/nothing"]) {
      const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("server")).toBeNull();
    }
  });

  /** Sends raw text and gives back the answer's first line. */
  async function raw(text: string): Promise<string> {
    const socket: Socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("error", () => {});
    socket.write(text);
    await once(socket, "close");
    return answer.split("\r\n")[0]!;
  }

  it("refuses headers beyond all measure", async () => {
    expect(await raw(`GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ${"a".repeat(20_000)}\r\n\r\n`)).toContain("431");
  });

  it("refuses a request that could be read as two", async () => {
    const smuggled =
      "POST /ops/v1/journeys/search HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    expect(await raw(smuggled)).toContain("400");
  });

  it("cuts off whoever sends headers drop by drop, and answers everybody else meanwhile", async () => {
    const slow = Array.from({ length: 50 }, () => connect(port, "127.0.0.1"));
    const closed = slow.map((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => {});
      socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\n");
      return once(socket, "close");
    });
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    await Promise.all(closed);
  });

  it("turns requests away while it cannot keep up, but not the question whether it lives", async () => {
    const busyTill = Date.now() + 9_000;
    const asked: Promise<Response>[] = [];
    // The rig runs in this process: holding its event loop holds the gateway's.
    while (Date.now() < busyTill) {
      asked.push(search('{"key":"nobody"}'));
      const till = Date.now() + 1_500;
      while (Date.now() < till);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const answers = await Promise.all(asked);
    const shed = answers.find(({ status }) => status === 503);
    expect(await shed?.json()).toMatchObject({ code: "GATEWAY_OVERLOADED" });
    expect(shed?.headers.get("retry-after")).toBe("1");
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  });
});

test.each([
  ["", 0],
  ["1", 0],
  ["{}", 1],
  ['{"a":[{"b":[]}]}', 4],
  ['"[[[[["', 0],
  ['["\\"[[",[1]]', 2],
])("the depth of %s is %i", (json, depth) => {
  expect(depthOf(json)).toBe(depth);
});
