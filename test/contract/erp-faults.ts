// What any records of an ERP that are written under keys must promise when the ERP, or the way to it, fails.

import { beforeEach, describe, expect, test } from "vitest";
import { asLockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { newTrace } from "#kernel/trace";
import { until } from "../until.ts";
import { callsOf, codeOf, context, type ErpRecord, failure, type RecordsUnderTest } from "./erp-under-test.ts";

/** Writes as a caller that goes by the disposition alone; returns how often it had to try. */
async function persist<New, Values, Kept extends ErpRecord>(
  { port }: RecordsUnderTest<New, Values, Kept>,
  values: New,
  key: string,
): Promise<number> {
  for (let attempt = 1; attempt <= 100; attempt += 1) {
    try {
      if (attempt === 1 || !(await port.findByIdempotencyKey(key, context()))) {
        await port.create(values, key, context());
      }
      return attempt;
    } catch (error) {
      if (asLockgateError(error).disposition === "permanent") throw error;
    }
  }
  throw new Error("a hundred attempts were not enough");
}

/** Registers the fault part of a suite; `current` gives the records of the running test. */
export function erpFaultContract<New, Values, Kept extends ErpRecord & { readonly values: Values }>(
  current: () => RecordsUnderTest<New, Values, Kept>,
): void {
  describe("when things go wrong", () => {
    let erp: RecordsUnderTest<New, Values, Kept>;
    let port: typeof erp.port;
    beforeEach(() => {
      erp = current();
      port = erp.port;
    });
    const { create, update, read, findKey, changesUnder } = callsOf(current);

    const writes = ["create", "update"] as const;
    const writing = async (on: (typeof writes)[number], through = port) => {
      const before = await create();
      const writer = callsOf(current, () => through);
      return (key: string) => (on === "create" ? writer.create({}, key) : writer.update(before, erp.change(1), key));
    };

    const wholeFaults = ["commit-then-drop", "commit-then-error", "commit-then-cut-answer"] as const;
    test.each(wholeFaults.flatMap((fault) => writes.map((on) => [fault, on] as const)))(
      "%s on %s is ambiguous, and the key finds the write",
      async (fault, on) => {
        const write = await writing(on);
        await erp.fault({ kind: fault, on });
        expect((await failure(write("key-lost"))).disposition).toBe("ambiguous");
        expect(await findKey("key-lost")).toBeDefined();
        expect(await changesUnder("key-lost")).toBe(1);
        expect(await codeOf(write("key-lost"))).toMatch(/^ERP_(DUPLICATE_KEY|STALE)$/);
        expect(await changesUnder("key-lost")).toBe(1);
      },
    );

    test.each(writes)("drop-before-commit on %s is ambiguous, and the key finds nothing", async (on) => {
      const write = await writing(on);
      await erp.fault({ kind: "drop-before-commit", on });
      expect(await codeOf(write("key-dropped"))).toBe("ERP_NO_ANSWER");
      expect(await findKey("key-dropped")).toBeUndefined();
      await write("key-dropped");
      expect(await changesUnder("key-dropped")).toBe(1);
    });

    const refusals = [
      ["lock", "ERP_LOCKED"],
      ["deadlock", "ERP_LOCKED"],
      ["throttle", "ERP_THROTTLED"],
      ["unavailable", "ERP_UNAVAILABLE"],
      ["unauthorised", "ERP_UNAUTHORISED"],
    ] as const;
    test.each(refusals.flatMap(([fault, code]) => writes.map((on) => [fault, on, code] as const)))(
      "%s on %s is %s, nothing is written, and the same write succeeds later",
      async (fault, on, code) => {
        const write = await writing(on);
        await erp.fault({ kind: fault, on });
        expect(await codeOf(write("key-refused"))).toBe(code);
        expect(await changesUnder("key-refused")).toBe(0);
        await write("key-refused");
        expect(await changesUnder("key-refused")).toBe(1);
      },
    );

    const waits = [
      ["throttle", "ERP_THROTTLED"],
      ["unavailable", "ERP_UNAVAILABLE"],
    ] as const;
    test.each(waits)("the wait that the ERP names with %s is passed on", async (fault, code) => {
      const created = await create();
      for (const on of ["read", "update"] as const) {
        await erp.fault({ kind: fault, on, retryAfterSeconds: 7 });
        const work = on === "read" ? read(created) : update(created, erp.change(1));
        expect(await failure(work)).toMatchObject({ code, retryAfterMs: 7_000 });
      }
    });

    test.each(writes)(
      "an answer to %s slower than the time-out is ambiguous, and the write may still come",
      async (on) => {
        const write = await writing(on, erp.hasty);
        await erp.fault({ kind: "slow", on });
        expect(await codeOf(write("key-slow"))).toBe("ERP_NO_ANSWER");
        await until(async () => (await changesUnder("key-slow")) === 1);
        expect(await findKey("key-slow")).toBeDefined();
      },
    );

    test("a write that is given up under way is ambiguous, and it may still come", async () => {
      await create();
      const abort = new AbortController();
      await erp.fault({ kind: "slow", on: "create" });
      const given = { traceparent: newTrace(), signal: abort.signal };
      const work = port.create(erp.fresh(), "key-abort", given);
      setTimeout(() => abort.abort(), 30);
      expect(await codeOf(work)).toBe("ERP_NO_ANSWER");
      await until(async () => (await changesUnder("key-abort")) === 1);
    });

    test("a page of a gateway instead of an answer is ambiguous for a write and transient for a read", async () => {
      const created = await create();
      await erp.fault({ kind: "html", on: "update" });
      expect((await failure(update(created, erp.change(1)))).disposition).toBe("ambiguous");
      await erp.fault({ kind: "html", on: "read" });
      expect((await failure(read(created))).disposition).toBe("transient");
    });

    test("a read that was cut off, dropped or slow is never taken for an answer", async () => {
      const created = await create();
      for (const kind of ["commit-then-cut-answer", "slow", "throttle"] as const) {
        await erp.fault({ kind, on: "read" });
        expect((await failure(callsOf(current, () => erp.hasty).read(created))).disposition).toBe("transient");
        expect(await read(created)).toEqual(created);
      }
    });

    test("a record that a user changes at the same moment is stale, not overwritten", async () => {
      const created = await create();
      await erp.fault({ kind: "edited-meanwhile", on: "update" });
      expect(await codeOf(update(created, erp.change(1)))).toBe("ERP_STALE");
      expect((await read(created))?.values).toEqual(created.values);
    });

    test("a restart of the ERP loses nothing and doubles nothing", async () => {
      const values = erp.fresh();
      await erp.fault({ kind: "restart", on: "create" });
      expect((await failure(port.create(values, "key-restart", context()))).disposition).toBe("ambiguous");
      await until(async () => {
        try {
          return (await findKey("key-restart")) === undefined;
        } catch {
          return false;
        }
      });
      await port.create(values, "key-restart", context());
      expect(await changesUnder("key-restart")).toBe(1);
    });

    test("a caller that goes by dispositions alone writes each record once in any weather", async () => {
      const wanted = Array.from({ length: 40 }, () => ({ values: erp.fresh(), key: newId() }));
      await erp.storm();
      const attempts = await Promise.all(wanted.map(({ values, key }) => persist(erp, values, key)));
      await erp.calm();
      const made = (await erp.changes()).map((change) => change.idempotencyKey);
      for (const { key } of wanted) expect(made.filter((other) => other === key)).toHaveLength(1);
      expect(attempts.some((count) => count > 1)).toBe(true);
    });
  });
}
