// What any records of an ERP that are written under keys must promise: versions, keys, and one write of many at once.

import { describe, expect, test } from "vitest";
import { asLockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { newTrace } from "#kernel/trace";
import { callsOf, codeOf, context, type ErpRecord, failure, type RecordsUnderTest } from "./erp-under-test.ts";

/** Registers the part of a suite that is the same for every kind of record; `current` gives those of the running test. */
export function erpRecordContract<New, Values, Kept extends ErpRecord & { readonly values: Values }>(
  current: () => RecordsUnderTest<New, Values, Kept>,
): void {
  describe("under versions and keys", () => {
    const { create, update, read, findKey, changesUnder } = callsOf(current);

    test("every write gives another version and no earlier time", async () => {
      const created = await create();
      const updated = await update(created, current().change(1));
      const again = await update(updated, current().change(1));
      expect(new Set([created, updated, again].map(({ version }) => version)).size).toBe(3);
      expect(updated.modifiedAt).toBeGreaterThanOrEqual(created.modifiedAt);
      expect(again.externalId).toBe(created.externalId);
    });

    test.each(["no-such-record", newId(), "", "*", "A|B", "a'b/../c?d"])(
      "an id the ERP does not know, %j, is read as none",
      async (id) => {
        expect(await current().port.read(id, context())).toBeUndefined();
      },
    );

    test("an update of a record the ERP does not know is refused as not found and changes nothing", async () => {
      const created = await create();
      const work = current().port.update(newId(), created.version, current().change(1), newId(), context());
      expect(await codeOf(work)).toBe("ERP_NOT_FOUND");
      expect(await read(created)).toEqual(created);
    });

    test("a version that another write has passed is refused as stale and changes nothing", async () => {
      const created = await create();
      const updated = await update(created, current().change(1));
      expect(await codeOf(update(created, current().change(2)))).toBe("ERP_STALE");
      expect(await read(created)).toEqual(updated);
    });

    test("a version that a user of the ERP has passed is refused as stale", async () => {
      const created = await create();
      await current().editAsUser(created);
      const edited = await read(created);
      expect(edited?.values).not.toEqual(created.values);
      expect(await codeOf(update(created, current().change(2)))).toBe("ERP_STALE");
      expect(await read(created)).toEqual(edited);
    });

    test.each(["", "x", 'W/"bm90"', "8;AAAA;1;1;", "\r\ninjected: 1"])(
      "a version that is none, %j, is refused as stale and changes nothing",
      async (version) => {
        const created = await create();
        expect(await codeOf(update(created, current().change(2), newId(), version))).toBe("ERP_STALE");
        expect(await read(created)).toEqual(created);
      },
    );

    test("the version of one record does not change another", async () => {
      const [one, other] = [await create(), await create()];
      expect(await codeOf(update(one, current().change(2), newId(), other.version))).toBe("ERP_STALE");
      expect([await read(one), await read(other)]).toEqual([one, other]);
    });

    test("a key that created a record creates no second one", async () => {
      const created = await create({}, "key-twice");
      expect(await codeOf(create({}, "key-twice"))).toBe("ERP_DUPLICATE_KEY");
      expect(await findKey("key-twice")).toEqual(created);
      expect(await changesUnder("key-twice")).toBe(1);
    });

    test("a key that changed a record changes it no second time, in whatever state the record is", async () => {
      const created = await create({}, "key-a");
      const first = await update(created, current().change(1), "key-b");
      expect(await codeOf(update(first, current().change(2), "key-b"))).toBe("ERP_DUPLICATE_KEY");
      expect(await codeOf(update(first, current().change(2), "key-a"))).toBe("ERP_DUPLICATE_KEY");
      const second = await update(first, current().change(3), "key-c");
      expect(await codeOf(update(second, current().change(2), "key-b"))).toBe("ERP_DUPLICATE_KEY");
      expect(await read(created)).toEqual(second);
      expect(await changesUnder("key-b")).toBe(1);
    });

    test("a key written for one record is refused for another", async () => {
      const [, other] = [await create({}, "key-one"), await create({}, "key-other")];
      expect(await codeOf(update(other, current().change(2), "key-one"))).toBe("ERP_DUPLICATE_KEY");
    });

    test("the key of every earlier write finds the record in its present state", async () => {
      const created = await create({}, "key-1");
      const second = await update(created, current().change(1), "key-2");
      const third = await update(second, current().change(2), "key-3");
      for (const key of ["key-1", "key-2", "key-3"]) expect(await findKey(key)).toEqual(third);
    });

    test.each(["never-written", "it's|*'x", "", "k".repeat(500)])(
      "a key that was never written, %j, finds none",
      async (key) => {
        expect(await findKey(key)).toBeUndefined();
      },
    );

    test("of twenty updates at once of one version exactly one is made", async () => {
      const created = await create();
      const keys = Array.from({ length: 20 }, () => newId());
      const ends = await Promise.allSettled(keys.map((key, index) => update(created, current().change(index), key)));
      const codes = ends.flatMap((end) => (end.status === "rejected" ? [asLockgateError(end.reason).code] : []));
      const winner = ends.findIndex((end) => end.status === "fulfilled");
      expect(codes).toEqual(Array.from({ length: 19 }, () => "ERP_STALE"));
      expect((await read(created))?.values).toEqual({ ...created.values, ...current().change(winner) });
      const made = (await current().changes()).filter((change) => keys.includes(change.idempotencyKey ?? ""));
      expect(made.map((change) => change.idempotencyKey)).toEqual([keys[winner]]);
    });

    test("of ten creations at once under one key exactly one is made", async () => {
      const values = current().fresh();
      const ends = await Promise.allSettled(
        Array.from({ length: 10 }, () => current().port.create(values, "key-race", context())),
      );
      const codes = ends.flatMap((end) => (end.status === "rejected" ? [asLockgateError(end.reason).code] : []));
      expect(codes).toEqual(Array.from({ length: 9 }, () => "ERP_DUPLICATE_KEY"));
      expect(await changesUnder("key-race")).toBe(1);
    });

    test("a call that was given up before it began leaves nothing behind", async () => {
      const values = current().fresh();
      const given = { traceparent: newTrace(), signal: AbortSignal.abort() };
      expect(await codeOf(current().port.create(values, "key-given-up", given))).toBe("ERP_UNAVAILABLE");
      expect(await findKey("key-given-up")).toBeUndefined();
    });

    test("a key longer than any ERP keeps is refused before anything is written", async () => {
      const created = await create();
      const before = (await current().changes()).length;
      const long = "k".repeat(500);
      for (const work of [create({}, long), update(created, current().change(1), long)]) {
        expect(await failure(work)).toMatchObject({ code: "ERP_REFUSED", at: "idempotencyKey" });
      }
      expect((await current().changes()).length).toBe(before);
    });
  });
}
