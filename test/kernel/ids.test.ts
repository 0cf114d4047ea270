// Ids: of the form that the standard gives them, in the order in which they were made, and none twice.

import { afterEach, describe, expect, test, vi } from "vitest";
import { isId, newId } from "#kernel/ids";

afterEach(() => vi.useRealTimers());

const msOf = (id: string): number => Number.parseInt(id.replace("-", "").slice(0, 12), 16);

describe("ids", () => {
  test("are UUIDs of version 7 and of now", () => {
    const before = Date.now();
    const id = newId();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(isId(id)).toBe(true);
    expect(msOf(id)).toBeGreaterThanOrEqual(before);
    expect(msOf(id)).toBeLessThanOrEqual(Date.now());
  });

  test("sort as they were made, many within a millisecond, and none is made twice", () => {
    const ids = Array.from({ length: 50_000 }, newId);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("go on in order where the clock is put back", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const early = newId();
    vi.setSystemTime(Date.now() - 60_000);
    const late = newId();
    expect([late, early].toSorted()).toEqual([early, late]);
  });

  test("share no random end", () => {
    const ends = Array.from({ length: 10_000 }, () => newId().slice(-10));
    expect(new Set(ends).size).toBe(ends.length);
  });
});
