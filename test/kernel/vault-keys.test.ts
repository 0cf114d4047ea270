// Keys of the vault: one a day, wrapped by a key that is kept elsewhere, which may change while the platform works.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Clock, manualClock } from "#kernel/clock";
import { openLog } from "#kernel/log";
import { openSecrets, type SecretStore } from "#kernel/secrets";
import { type OpenVault, openVault, unwrapKey, wrapKey } from "#kernel/vault-keys";
import { type TestDatabase, testDatabase } from "../database.ts";

const DAY_MS = 24 * 3_600_000;
const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString("base64");
const log = openLog("silent");

let database: TestDatabase;
let versions: Record<string, string[]>;
const closers: (() => void)[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A node with its own view of the secrets. */
async function node(clock: Clock): Promise<OpenVault & { readonly secrets: SecretStore }> {
  const secrets = openSecrets(
    {
      read: async (name) => {
        const [newest, ...others] = versions[name]!.map((value, index) => ({ version: String(index), value }));
        return [newest!, ...others];
      },
    },
    { clock, log, refreshMs: 3_600_000 },
  );
  const [keyEncryptionKey, searchKey] = ["secret://kek", "secret://search"];
  const opened = await openVault({ db: database.db, secrets, keyEncryptionKey, searchKey, clock, log });
  closers.push(secrets.close, opened.close);
  return { ...opened, secrets };
}

const place = ["saga.instance.input", "a"] as const;

describe("the keys of a database", () => {
  test("are one a day, made a day ahead, the same for every node", async () => {
    versions = { kek: [keyOf(1)], search: [keyOf(2)] };
    const clock = manualClock(Date.UTC(2026, 4, 1, 12));
    const [one, other] = await Promise.all([node(clock), node(clock)]);
    expect(one.state()).toMatchObject({ newestDay: "2026-05-02", keys: 2, wrappedByNewest: 2, unsealed: [] });
    const sealed = one.vault.seal("today", ...place);
    expect(other.vault.open(sealed, ...place).toString()).toBe("today");
    // The next day neither needs to have asked first.
    await clock.advance(DAY_MS);
    const next = one.vault.seal("tomorrow", ...place);
    expect(next.readUInt32BE(1)).not.toBe(sealed.readUInt32BE(1));
    expect(other.vault.open(next, ...place).toString()).toBe("tomorrow");
    expect(other.vault.open(sealed, ...place).toString()).toBe("today");
  });

  test("of a day that another node made are read after the first value that needs one", async () => {
    const slow = await node(manualClock(Date.UTC(2026, 4, 2)));
    const clock = manualClock(Date.UTC(2026, 5, 1));
    const sealed = (await node(clock)).vault.seal("later", ...place);
    expect(() => slow.vault.open(sealed, ...place)).toThrow(expect.objectContaining({ code: "VAULT_KEY_UNKNOWN" }));
    await slow.refresh();
    expect(slow.vault.open(sealed, ...place).toString()).toBe("later");
  });

  test("are wrapped anew by the newest key, while others seal and open, and nothing is lost", async () => {
    const clock = manualClock(Date.UTC(2026, 6, 1));
    const [worker, keeper] = [await node(clock), await node(clock)];
    const values: Buffer[] = [];
    let isDone = false;
    const working = (async () => {
      while (!isDone) {
        values.push(worker.vault.seal(`value ${values.length}`, ...place));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    versions = { ...versions, kek: [keyOf(3), keyOf(1)] };
    const wrapped = await keeper.rewrap();
    expect(wrapped).toBe(keeper.state().keys);
    expect(await keeper.rewrap()).toBe(0);
    isDone = true;
    await working;
    await worker.secrets.refresh();
    await worker.refresh();
    // The overlap is over: the old key is not needed any more.
    versions = { ...versions, kek: [keyOf(3)] };
    const young = await node(clock);
    expect(values.length).toBeGreaterThan(0);
    for (const [index, sealed] of values.entries())
      for (const one of [young, worker]) expect(one.vault.open(sealed, ...place).toString()).toBe(`value ${index}`);
  });

  test("go on from where an interrupted rewrap stood", async () => {
    const clock = manualClock(Date.UTC(2026, 6, 1));
    versions = { ...versions, kek: [keyOf(4), keyOf(3)] };
    const keeper = await node(clock);
    const { keys } = keeper.state();
    await keeper.rewrap();
    // As if it had stopped at the last: one is still under the old key.
    const [row] = await database.db.query<{ id: number; day: string; wrapped: Buffer; by: Buffer }>(
      "select id, day::text as day, wrapped, wrapped_by as by from kernel.data_key order by id limit 1",
    );
    const key = unwrapKey(row!.wrapped, Buffer.from(keyOf(4), "base64"), row!.day);
    versions = { ...versions, kek: [keyOf(5), keyOf(4)] };
    const again = await node(clock);
    expect(await again.rewrap()).toBe(keys);
    expect(wrapKey(key, Buffer.alloc(32), row!.day)).toHaveLength(60);
  });

  test("do not open without their key-encryption key, nor under another search key", async () => {
    const clock = manualClock(Date.UTC(2026, 6, 1));
    const before = versions;
    versions = { ...before, kek: [keyOf(9)] };
    await expect(node(clock)).rejects.toMatchObject({ code: "SECRET_UNKNOWN" });
    versions = { ...before, search: [keyOf(9)] };
    await expect(node(clock)).rejects.toMatchObject({ code: "SECRET_INVALID" });
    versions = { ...before, kek: ["c2hvcnQ="] };
    await expect(node(clock)).rejects.toMatchObject({ code: "SECRET_INVALID", reason: "not 32 bytes in base64" });
    versions = before;
  });

  test("are of their day: one in another day's place does not open", () => {
    const wrapped = wrapKey(Buffer.alloc(32, 1), Buffer.alloc(32, 2), "2026-05-01");
    expect(() => unwrapKey(wrapped, Buffer.alloc(32, 2), "2026-05-02")).toThrow(
      expect.objectContaining({ code: "VAULT_BROKEN" }),
    );
  });
});
