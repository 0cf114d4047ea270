// What any ERP's patients must promise when the ERP, or the way to it, fails.

import { beforeEach, describe, expect, test } from "vitest";
import type { NewPatientValues } from "#canonical/contracts";
import { asLockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { newTrace } from "#kernel/trace";
import { until } from "../until.ts";
import { callsOf, codeOf, context, type ErpUnderTest, failure, newPatient } from "./erp-under-test.ts";

/** Writes as a caller that goes by the disposition alone; returns how often it had to try. */
async function persist(erp: ErpUnderTest, values: NewPatientValues, key: string): Promise<number> {
  for (let attempt = 1; attempt <= 100; attempt += 1) {
    try {
      if (attempt === 1 || !(await erp.patients.findByIdempotencyKey(key, context()))) {
        await erp.patients.create(values, key, context());
      }
      return attempt;
    } catch (error) {
      if (asLockgateError(error).disposition === "permanent") throw error;
    }
  }
  throw new Error("a hundred attempts were not enough");
}

/** Registers the fault half of the suite; `current` gives the ERP of the running test. */
export function erpFaultContract(current: () => ErpUnderTest): void {
  describe("when things go wrong", () => {
    let erp: ErpUnderTest;
    let patients: ErpUnderTest["patients"];
    beforeEach(() => {
      erp = current();
      patients = erp.patients;
    });
    const { create, update, read, findKey, changesUnder } = callsOf(current);

    const writes = ["create", "update"] as const;
    const writing = async (on: (typeof writes)[number], through = patients) => {
      const before = await create();
      const writer = callsOf(current, () => through);
      return (key: string) =>
        on === "create" ? writer.create({}, key) : writer.update(before, { town: "Stonebeck" }, key);
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
        const work = on === "read" ? read(created) : update(created, { town: "Stonebeck" });
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
      const work = patients.create(newPatient(), "key-abort", given);
      setTimeout(() => abort.abort(), 30);
      expect(await codeOf(work)).toBe("ERP_NO_ANSWER");
      await until(async () => (await changesUnder("key-abort")) === 1);
    });

    test("a page of a gateway instead of an answer is ambiguous for a write and transient for a read", async () => {
      const created = await create();
      await erp.fault({ kind: "html", on: "update" });
      expect((await failure(update(created, { town: "Stonebeck" }))).disposition).toBe("ambiguous");
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

    test("a patient that a user changes at the same moment is stale, not overwritten", async () => {
      const created = await create();
      await erp.fault({ kind: "edited-meanwhile", on: "update" });
      expect(await codeOf(update(created, { town: "Stonebeck" }))).toBe("ERP_STALE");
      expect((await read(created))?.values.town).toBeNull();
    });

    test("a restart of the ERP loses nothing and doubles nothing", async () => {
      const values = newPatient();
      await erp.fault({ kind: "restart", on: "create" });
      expect((await failure(patients.create(values, "key-restart", context()))).disposition).toBe("ambiguous");
      await until(async () => {
        try {
          return (await findKey("key-restart")) === undefined;
        } catch {
          return false;
        }
      });
      await patients.create(values, "key-restart", context());
      expect(await changesUnder("key-restart")).toBe(1);
    });

    test("a caller that goes by dispositions alone writes each patient once in any weather", async () => {
      const wanted = Array.from({ length: 40 }, () => ({ values: newPatient(), key: newId() }));
      await erp.storm();
      const attempts = await Promise.all(wanted.map(({ values, key }) => persist(erp, values, key)));
      await erp.calm();
      const made = (await erp.changes()).map((change) => change.idempotencyKey);
      for (const { key } of wanted) expect(made.filter((other) => other === key)).toHaveLength(1);
      expect(attempts.some((count) => count > 1)).toBe(true);
    });
  });
}
