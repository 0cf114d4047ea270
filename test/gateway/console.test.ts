// The console's files: what a browser may do with them, how long it keeps them, and that nothing beside them is served.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openYard, raw, type Yard } from "./door.ts";

let yard: Yard;
let parent: string;
let gateway: Awaited<ReturnType<Yard["open"]>>;
beforeAll(async () => {
  yard = await openYard();
  parent = mkdtempSync(join(tmpdir(), "lockgate-console-"));
  const folder = join(parent, "dist");
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(folder, "index.html"), '<!doctype html><script src="/console/assets/a-1.js"></script>');
  writeFileSync(join(folder, "assets/a-1.js"), "export {};");
  writeFileSync(join(parent, "secret.txt"), "planted");
  gateway = await yard.open({}, { console: folder });
});
afterAll(async () => {
  await gateway?.close();
  await yard?.close();
  rmSync(parent, { recursive: true, force: true });
});
const get = (path: string) => fetch(`${gateway.address}${path}`, { redirect: "manual" });

test.each(["/console/", "/console/index.html", "/console/work/any-item"])(
  "the page at %s runs scripts of its own origin and no others, sends nothing elsewhere, and is framed by nobody",
  async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const policy = new Map(
      answer.headers
        .get("content-security-policy")!
        .split("; ")
        .map((one) => [one.split(" ")[0], one.split(" ").slice(1).join(" ")]),
    );
    expect(policy.get("default-src")).toBe("'none'");
    expect(policy.get("script-src")).toBe("'self'");
    expect(policy.get("connect-src")).toBe("'self'");
    expect(policy.get("frame-ancestors")).toBe("'none'");
    expect(policy.get("base-uri")).toBe("'none'");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  },
);

test("a file whose name tells what it holds is kept for a year, and one that is not there is no page", async () => {
  const there = await get("/console/assets/a-1.js");
  expect(there.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect((await get("/console/assets/gone.js")).status).toBe(404);
});

test.each([
  "/console/../secret.txt",
  "/console/..%2fsecret.txt",
  "/console/%2e%2e/secret.txt",
  "/console/assets/..%5c..%5c..%5csecret.txt",
  "/console//secret.txt",
])("nothing beside the folder is served at %s", async (path) => {
  const answer = await raw(gateway.address, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /);
  expect(answer).not.toContain("planted");
});

test("whoever comes to the bare address is led to it, and it answers to no write", async () => {
  const answer = await get("/");
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "/console/"]);
  const written = await fetch(`${gateway.address}/console/index.html`, { method: "POST" });
  expect([written.status, await written.json()]).toMatchObject([404, { code: "ROUTE_UNKNOWN" }]);
});
