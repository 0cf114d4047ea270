// Addresses: whom each counts as, and a table that no number of them makes grow.

import { describe, expect, test } from "vitest";
import { addressKey, giveBack, openAddresses, takeOf, waitOf } from "../../../src/gateway/throttle/addresses.ts";

describe("an address counts as", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::ffff:c000:207", "192.0.2.7"],
    ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/64"],
    ["not an address", "unknown"],
    ["", "unknown"],
    ["1.2.3.4, 5.6.7.8", "unknown"],
  ])("%s as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe("the table", () => {
  let nowMs = 0;
  const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
  const address = (number: number): string => `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;

  test("gives each address its burst and what flows in", () => {
    const table = openAddresses({ perSecond: 10, burst: 20 }, clock);
    const visitor = table.find("192.0.2.1");
    for (let turn = 0; turn < 20; turn += 1) expect(takeOf(visitor)).toBeUndefined();
    expect(takeOf(visitor)).toBe(100);
    expect(takeOf(table.find("192.0.2.2"))).toBeUndefined();
    nowMs += 100;
    expect(takeOf(table.find("192.0.2.1"))).toBeUndefined();
    giveBack(visitor);
    expect(waitOf(table.known("192.0.2.1")!)).toBeUndefined();
  });

  test("stays as large as it may be, and limits the crowd of further addresses together", () => {
    const table = openAddresses({ perSecond: 1, burst: 5 }, clock, 100);
    let passed = 0;
    for (let number = 0; number < 50_000; number += 1)
      if (takeOf(table.find(address(number))) === undefined) passed += 1;
    expect(table.size()).toBe(100);
    // A hundred of their own, and ten times one address's burst for all others.
    expect(passed).toBe(100 + 50);
    expect(table.known(address(49_999))).toBe(table.known(address(49_998)));
  });

  test("keeps an address that is limited, however many others come", () => {
    const table = openAddresses({ perSecond: 1, burst: 5 }, clock, 100);
    for (let turn = 0; turn < 5; turn += 1) takeOf(table.find("192.0.2.1"));
    for (let number = 0; number < 1_000; number += 1) takeOf(table.find(address(number)));
    expect(takeOf(table.find("192.0.2.1"))).toBeGreaterThan(0);
  });

  test("forgets who is quiet, and tells new addresses apart again", () => {
    const table = openAddresses({ perSecond: 1, burst: 5 }, clock, 100);
    for (let number = 0; number < 1_000; number += 1) takeOf(table.find(address(number)));
    nowMs += 60_000;
    for (let number = 2_000; number < 2_030; number += 1) takeOf(table.find(address(number)));
    expect(table.size()).toBeLessThan(60);
  });
});
