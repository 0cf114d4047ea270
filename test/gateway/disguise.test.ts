// Requests in disguise: paths that mean another, members that are not what they seem, bodies that never end, and languages not spoken here.

import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { openGateway } from "#gateway";
import { newId } from "#kernel/ids";
import { openYard, raw, type Yard } from "./door.ts";

let yard: Yard;
let gateway: Awaited<ReturnType<typeof openGateway>>;
let bearer: string;
beforeAll(async () => {
  yard = await openYard();
  gateway = await yard.open();
  bearer = await yard.token("disguised");
});
afterAll(async () => {
  await gateway?.close();
  await yard?.close();
});

/** A request as its bytes; `path` stands in the request line as it is. */
const asked = (path: string | Buffer, body = "{}", headers: Record<string, string> = {}): Buffer =>
  Buffer.concat([
    Buffer.from("POST "),
    Buffer.from(path as string),
    Buffer.from(
      ` HTTP/1.1\r\n${Object.entries({
        host: "x",
        connection: "close",
        authorization: `Bearer ${bearer}`,
        "purpose-of-use": "administration",
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        ...headers,
      })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")}\r\n${body}`,
    ),
  ]);
const statusOf = (answer: string): number => Number(answer.split(" ", 2)[1]);

test("the plain request passes, so that what follows fails for its disguise", async () => {
  expect(statusOf(await raw(gateway.address, asked("/ops/v1/work/list")))).toBe(200);
});

describe("a path is one route or none: nothing is climbed, folded or cut", () => {
  test.each<[string, string | Buffer]>([
    ["..", "/health/../ops/v1/work/list"],
    [".. behind the route", "/ops/v1/work/list/../list"],
    ["an escaped ..", "/health/%2e%2e/ops/v1/work/list"],
    ["a twice escaped ..", "/health/%252e%252e/ops/v1/work/list"],
    ["a single dot", "/ops/./v1/work/list"],
    ["a doubled slash", "//ops/v1/work/list"],
    ["a doubled slash within", "/ops/v1//work/list"],
    ["a slash at the end", "/ops/v1/work/list/"],
    ["an escaped slash", "/ops%2fv1/work/list"],
    ["a backslash", "/ops\\v1\\work\\list"],
    ["an escaped backslash", "/health/..%5cops/v1/work/list"],
    ["a parameter behind a semicolon", "/ops/v1/work/list;a=b"],
    ["a way out behind a semicolon", "/health/live;/../../ops/v1/work/list"],
    ["an escaped NUL", "/ops/v1/work/list%00"],
    ["an escaped NUL and an ending", "/ops/v1/work/list%00.json"],
    ["an overlong slash", "/ops/v1/work%c0%aflist"],
    ["an overlong dot", "/health/%c0%ae%c0%ae/ops/v1/work/list"],
    ["half a character", "/ops/v1/work/list%e2%82"],
    ["an escape that is none", "/ops/v1/work/%zz"],
    ["other letters", "/OPS/V1/WORK/LIST"],
    ["letters of full width", "/%ef%bd%8fps/v1/work/list"],
    ["a host before it", "http://elsewhere.example/health/../ops/v1/work/list"],
  ])("%s", async (_, path) => {
    const answer = await raw(gateway.address, asked(path));
    expect([400, 404]).toContain(statusOf(answer));
    expect(answer).not.toContain('"items"');
  });

  test.each<[string, Buffer]>([
    ["a raw NUL", Buffer.from("/ops/v1/work/list\0")],
    ["a raw overlong slash", Buffer.from([...Buffer.from("/ops/v1/work"), 0xc0, 0xaf, ...Buffer.from("list")])],
    ["a line of its own", Buffer.from("/ops/v1/work/list HTTP/1.1\r\nx-more: 1\r\n\r\nGET /ops/v1/channels")],
  ])("%s", async (_, path) => {
    const answer = await raw(gateway.address, Buffer.concat([asked(path)]));
    // What is no HTTP at all may be cut off without a word.
    expect([400, 404, Number.NaN]).toContain(statusOf(answer));
    expect(answer).not.toContain('"items"');
  });

  test("an id is decoded once and is an id, or is refused", async () => {
    const { id } = await yard.desk.open();
    const answers = await Promise.all(
      [`%${id.charCodeAt(0).toString(16)}${id.slice(1)}`, `%25${id}`, `${id}%00`, "..%2f..%2fetc%2fpasswd"].map((one) =>
        raw(gateway.address, asked(`/ops/v1/work/${one}/show`)),
      ),
    );
    expect(answers.map(statusOf)).toEqual([200, 400, 400, 400]);
  });
});

describe("a member is only what the contract names", () => {
  test.each([
    ['{"__proto__":{"queue":"x"}}'],
    ['{"constructor":{"prototype":{"polluted":true}}}'],
    ['{"\\u005f_proto__":{"polluted":true}}'],
    ['{"toString":"x"}'],
    ['{"hasOwnProperty":"x"}'],
    ['{"queue":{"__proto__":{"polluted":true}}}'],
    ['{"queue":"a","queue":"b","more":1}'],
    ['[{"queue":"x"}]'],
    ['"text"'],
    ["null,null"],
    ['{"limit":1e999}'],
    [`{"queue":${"9".repeat(400)}}`],
    [`{"more":${"[".repeat(32)}${"]".repeat(32)}}`],
    [`{${Array.from({ length: 20_000 }, (_, at) => `"a${at}":1`).join(",")}}`],
  ])("%.60s", async (body) => {
    expect(statusOf(await raw(gateway.address, asked("/ops/v1/work/list", body)))).toBe(400);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test.each([
    "__proto__[polluted]=1",
    "__proto__.polluted=1",
    "constructor[prototype][polluted]=1",
    "before[__proto__]=1",
    "before=1&before=2",
  ])("of a query as well: %s", async (query) => {
    const answer = await fetch(`${gateway.address}/ops/v1/dead-letters?${query}`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("JSON is the only language: no XML is read, so no entity is ever expanded", () => {
  const bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>';
  test.each([
    "application/xml",
    "text/xml",
    "application/soap+xml",
    "application/fhir+xml",
    "application/json, application/xml",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/json;charset=utf-7",
  ])("%s", async (type) => {
    const answer = await raw(gateway.address, asked("/ops/v1/work/list", bomb, { "content-type": type }));
    expect([400, 415]).toContain(statusOf(answer));
    expect(answer).not.toContain("root:");
  });
});

describe("a body has to come", () => {
  test("in as many bytes as it says, and the next request is not its rest", async () => {
    const short = asked("/ops/v1/work/list", '{"queue":"x"}', { "content-length": "2" });
    expect(await raw(gateway.address, short)).not.toContain('"items"');
    const two = asked("/ops/v1/work/list", "{}", { "content-length": "2, 2" });
    expect(statusOf(await raw(gateway.address, two))).toBe(400);
  });

  test("while others are answered: one that comes drop by drop holds up nobody", async () => {
    const head = asked("/ops/v1/work/list", "", { "content-length": "100000" });
    const slow = Array.from({ length: 100 }, () => {
      const socket = connect(Number(new URL(gateway.address).port), "127.0.0.1");
      socket.on("error", () => {});
      socket.write(head);
      return socket;
    });
    for (let drop = 0; drop < 3; drop += 1) {
      for (const socket of slow) socket.write(" ");
      await pause(20);
    }
    expect(statusOf(await raw(gateway.address, asked("/ops/v1/work/list")))).toBe(200);
    for (const socket of slow) socket.destroy();
  });

  test("and one that is not of the documented form is told so, never with what it held", async () => {
    const planted = `planted-${newId()}`;
    const answer = await raw(gateway.address, asked("/ops/v1/work/list", `{"queue":["${planted}"]}`));
    expect(statusOf(answer)).toBe(400);
    expect(answer).not.toContain(planted);
  });
});
