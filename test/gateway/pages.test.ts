// Pages of a list: whatever is added meanwhile, all that was there is told once, in order, and no cursor opens another list.

import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { pageOf } from "../../src/gateway/pages.ts";

type Entry = { readonly rank: number; readonly id: number };
const shape = z.strictObject({ rank: z.int(), id: z.int() });
const order = (a: Entry, b: Entry): number => a.rank - b.rank || a.id - b.id;

const page = (
  entries: readonly Entry[],
  more: { limit?: number; cursor?: string | undefined; list?: string; asked?: unknown } = {},
) =>
  pageOf({
    list: "things",
    shape,
    asked: {},
    limit: 3,
    cursor: undefined,
    ...more,
    read: async (behind, most) =>
      entries
        .toSorted(order)
        .filter((one) => behind === undefined || order(one, behind) > 0)
        .slice(0, most),
    placeOf: ({ rank, id }) => ({ rank, id }),
  });

test("hold everything that was there at the first of them, once and in order, whatever comes in between", async () => {
  const ranks = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(ranks, fc.array(ranks), fc.integer({ min: 1, max: 5 }), async (first, additions, limit) => {
      const entries: Entry[] = first.map((rank, id) => ({ rank, id }));
      const before = [...entries].sort(order);
      const told: Entry[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const found = await page(entries, { limit, cursor });
        expect(found.entries.length).toBeLessThanOrEqual(limit);
        told.push(...found.entries);
        cursor = found.next;
        for (const rank of additions[pages] ?? []) entries.push({ rank, id: entries.length });
        pages += 1;
      } while (cursor !== undefined);
      expect(told).toEqual(told.toSorted(order));
      expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
      expect(told.filter(({ id }) => id < before.length)).toEqual(before);
    }),
  );
});

test("end without a cursor where the last one is just full", async () => {
  const three = [1, 2, 3].map((id) => ({ rank: 0, id }));
  expect(await page(three)).toEqual({ entries: three });
});

test("refuse a cursor of another list, of another question, and one that is none", async () => {
  const many = Array.from({ length: 9 }, (_, id) => ({ rank: 0, id }));
  const { next: cursor } = await page(many);
  const refused = { code: "REQUEST_INVALID", at: "cursor" };
  await expect(page(many, { cursor, list: "others" })).rejects.toMatchObject(refused);
  await expect(page(many, { cursor, asked: { state: "open" } })).rejects.toMatchObject(refused);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      await expect(page(many, { cursor: Buffer.from(text).toString("base64url") })).rejects.toMatchObject(refused);
    }),
  );
  const [question] = JSON.parse(Buffer.from(cursor!, "base64url").toString()) as [string];
  for (const place of [null, {}, { rank: "0", id: 1 }, { rank: 0, id: 1, more: 1 }])
    await expect(
      page(many, { cursor: Buffer.from(JSON.stringify([question, place])).toString("base64url") }),
    ).rejects.toMatchObject(refused);
});
