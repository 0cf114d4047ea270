// What is NAV's own about requisitions: the lists as NAV serves them, blocks, foreign keys, shared connections, SOAP.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CallContext, supplyLists } from "#canonical/contracts";
import type { NavSupplies } from "#connectors/nav";
import { manualClock } from "#kernel/clock";
import { newTrace } from "#kernel/trace";
import { type NavDouble, startNavDouble } from "../../../doubles/nav/index.ts";
import { type Asked, httpPeer, navAt, type Said, tcpPeer } from "./peer.ts";

const context = (): CallContext => ({ traceparent: newTrace() });
const line = {
  orderNumber: "R-1001",
  lineNumber: 1,
  item: "I00008",
  supplier: "V00008",
  unit: "BOX",
  location: "WARD7",
  quantity: 12,
  neededBy: null,
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe("the requisitions of a NAV", () => {
  let double: NavDouble;
  beforeEach(async () => {
    double = await startNavDouble();
    closers.push(() => double.close());
  });
  const open = (more: Record<string, unknown> = {}, port = double.odataPort) => {
    const nav = navAt(port, more);
    closers.push(() => nav.close());
    return nav;
  };

  test("are named apart from its patients", () => {
    const { patients, supplies } = open();
    expect([patients.name, supplies.name]).toEqual(["nav-test", "nav-test-supplies"]);
  });

  test("are not written over SOAP: every call says so", async () => {
    const { supplies } = open({ protocol: "soap" }, double.soapPort);
    const calls = [
      supplies.read("1", context()),
      supplies.findByIdempotencyKey("key", context()),
      supplies.create(line, "key", context()),
      supplies.update("1", "version", { quantity: 1 }, "key", context()),
      supplies.entry("item", "I00008", context()),
      supplies.search("item", "", 1, context()),
      supplies.probe(context()),
    ];
    for (const end of await Promise.allSettled(calls)) {
      expect(end).toMatchObject({ status: "rejected", reason: { code: "ERP_UNSUPPORTED", at: "protocol" } });
    }
  });

  test("may name a supplier that is blocked for payments, and none that is blocked for all", async () => {
    const { supplies } = open();
    expect(await supplies.entry("supplier", "V00010", context())).toMatchObject({ isBlocked: false });
    expect(await supplies.entry("supplier", "V00011", context())).toMatchObject({ isBlocked: true });
    const { values } = await supplies.create({ ...line, supplier: "V00010" }, "key-payment", context());
    expect(values.supplier).toBe("V00010");
    const blocked = supplies.create({ ...line, lineNumber: 2, supplier: "V00011" }, "key-all", context());
    await expect(blocked).rejects.toMatchObject({ code: "ERP_REFUSED", at: "supplier" });
  });

  test("without a unit take the one that the item is kept in", async () => {
    const { unit: _none, ...values } = { ...line, item: "I00014" };
    expect((await open().supplies.create(values, "key-unit", context())).values.unit).toBe("BOTTLE");
  });

  test("under a key that a patient was written under are neither made nor found", async () => {
    const { patients, supplies } = open();
    await patients.create({ mrn: "M1", mrnAuthority: "RXX" }, "key-shared", context());
    const made = supplies.create(line, "key-shared", context());
    await expect(made).rejects.toMatchObject({ code: "ERP_DUPLICATE_KEY" });
    const found = supplies.findByIdempotencyKey("key-shared", context());
    await expect(found).rejects.toMatchObject({ code: "ERP_NOT_FOUND", reason: "NAV_RECORD_GONE" });
  });

  test("are closed with the patients", async () => {
    const nav = open();
    await nav.patients.close();
    await expect(nav.supplies.entry("item", "I00008", context())).rejects.toMatchObject({ code: "ERP_UNAVAILABLE" });
  });
});

test("patients and requisitions of one NAV share its connections", async () => {
  const peer = await tcpPeer((socket) => {
    socket.on("data", () => setTimeout(() => socket.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"), 20));
  });
  closers.push(() => peer.close());
  const nav = navAt(peer.port, { maxConnections: 2 });
  closers.push(() => nav.close());
  const calls = Array.from({ length: 6 }, (_, index) => [
    nav.patients.findByIdempotencyKey(`p${index}`, context()),
    nav.supplies.findByIdempotencyKey(`s${index}`, context()),
    nav.supplies.entry("item", `I${index}`, context()),
  ]).flat();
  await Promise.allSettled(calls);
  expect(peer.mostConnections()).toBe(2);
});

describe("a search of a list", () => {
  const rows = (from: number, many: number) =>
    Array.from({ length: many }, (_, index) => ({
      number: `I${from + index}`,
      displayName: `Item ${from + index}`,
      blocked: false,
    }));
  const clock = manualClock();
  const at = async (say: (asked: Asked) => Said): Promise<{ supplies: NavSupplies; asked: Asked[] }> => {
    const peer = await httpPeer(say);
    closers.push(() => peer.close());
    const nav = navAt(peer.port, {}, clock);
    closers.push(() => nav.close());
    return { supplies: nav.supplies, asked: peer.asked };
  };
  const page = (value: object[], next?: string): Said => ({
    status: 200,
    body: JSON.stringify({ value, ...(next === undefined ? {} : { "@odata.nextLink": next }) }),
  });
  const isNext = ({ url }: Asked): boolean => url.includes("skiptoken");

  test("reads every page, and reads them once while somebody types", async () => {
    const { supplies, asked } = await at((one) =>
      isNext(one) ? page(rows(200, 2)) : page(rows(100, 2), `http://elsewhere.example${one.url}&$skiptoken=x`),
    );
    expect((await supplies.search("item", "item", 9, context())).map(({ code }) => code)).toEqual([
      "I100",
      "I101",
      "I200",
      "I201",
    ]);
    for (const text of ["i", "it", "ite"]) await supplies.search("item", text, 9, context());
    expect(asked).toHaveLength(2);
    expect(asked[0]?.headers.prefer).toMatch(/maxpagesize/);
    await clock.advance(15_000);
    await supplies.search("item", "item", 9, context());
    expect(asked).toHaveLength(4);
  });

  test("of which a page is missing is never taken for the whole, and is read anew", async () => {
    let isBroken = true;
    const { supplies } = await at((one) => {
      if (!isNext(one)) return page(rows(100, 2), `${one.url}&$skiptoken=x`);
      return isBroken ? { status: 503, headers: { "retry-after": "4" } } : page(rows(200, 2));
    });
    const failed = supplies.search("item", "item", 9, context());
    await expect(failed).rejects.toMatchObject({ code: "ERP_UNAVAILABLE", retryAfterMs: 4_000 });
    isBroken = false;
    expect(await supplies.search("item", "item", 9, context())).toHaveLength(4);
  });

  test.each(supplyLists)("of entries that are none is a bad answer: %s", async (list) => {
    const { supplies } = await at(() => page([{ number: 7, code: "", displayName: "x" }]));
    await expect(supplies.search(list, "", 9, context())).rejects.toMatchObject({ code: "ERP_BAD_ANSWER" });
  });

  test("asks the ERP itself for one entry, each time", async () => {
    const { supplies, asked } = await at(() => page(rows(100, 1)));
    for (let time = 1; time <= 3; time += 1) {
      expect(await supplies.entry("item", "i100", context())).toMatchObject({ code: "I100" });
      expect(asked).toHaveLength(time);
    }
    expect(decodeURIComponent(asked[0]!.url)).toContain("$filter=number eq 'I100'");
    // A page that filters nothing names another entry.
    expect(await supplies.entry("item", "i999", context())).toBeUndefined();
  });
});
