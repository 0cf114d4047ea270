// The keys of the vault: one data key a day, made at random, kept in the database wrapped by a key that is kept elsewhere.

import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { Queryable } from "./db.ts";
import { LockgateError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { SecretStore } from "./secrets.ts";
import { type Vault, vaultOf } from "./vault.ts";

const DAY_MS = 24 * 3_600_000;
const KEY_BYTES = 32;
/** Keys are made a day ahead and read this often: nobody seals by a key that others have not had hours to read. */
const READ_EVERY_MS = 3_600_000;
const LEAST_BETWEEN_READS_MS = 1_000;

/** A vault over the keys of a database. */
export type OpenVault = {
  readonly vault: Vault;
  /** How the keys stand: how many, of how many the newest key-encryption key is the wrapper, and the day of the newest. */
  state(): {
    readonly keys: number;
    readonly wrappedByNewest: number;
    readonly newestDay: string;
    readonly unsealed: readonly string[];
  };
  /** Wraps every key anew by the newest key-encryption key; those that it wraps already are left. @returns how many it wrapped */
  rewrap(): Promise<number>;
  /** Reads the keys again, and makes those of today and tomorrow. */
  refresh(): Promise<void>;
  close(): void;
};

/** What the keys are opened by. */
export type VaultKeyOptions = {
  /** A connection for the keys alone. */
  readonly db: Queryable;
  readonly secrets: SecretStore;
  /** References of the key-encryption key and of the key of searchable hashes; each 32 bytes in base64. */
  readonly keyEncryptionKey: string;
  readonly searchKey: string;
  readonly clock: Clock;
  readonly log: Log;
};

type Row = { id: number; day: string; wrapped: Buffer; wrappedBy: Buffer };
type Known = Row & { readonly key: Buffer };

function keyFrom(text: string, at: string): Buffer {
  const key = Buffer.from(text, "base64");
  if (key.byteLength !== KEY_BYTES || key.toString("base64").replace(/=+$/, "") !== text.trim().replace(/=+$/, ""))
    throw new LockgateError("SECRET_INVALID", { at, reason: "not 32 bytes in base64" });
  return key;
}

/** Tells one key from another, and nothing of it. */
const told = (key: Buffer, purpose: string): Buffer =>
  createHmac("sha256", key).update(`lockgate ${purpose}`).digest().subarray(0, 8);

const bindingOf = (day: string): Buffer => Buffer.from(`kernel.data_key ${day}`);

/** AES-256-GCM under a random nonce, bound to the day: a key-encryption key wraps some keys a year. */
export function wrapKey(key: Buffer, by: Buffer, day: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", by, nonce).setAAD(bindingOf(day));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

/** @throws VAULT_BROKEN */
export function unwrapKey(wrapped: Buffer, by: Buffer, day: string): Buffer {
  try {
    const decipher = createDecipheriv("aes-256-gcm", by, wrapped.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(bindingOf(day)).setAuthTag(wrapped.subarray(-16));
    return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
  } catch (cause) {
    throw new LockgateError("VAULT_BROKEN", { at: "kernel.data_key", cause });
  }
}

/** @throws SECRET_UNKNOWN, SECRET_INVALID, SECRET_UNAVAILABLE, VAULT_BROKEN, DATABASE_UNAVAILABLE */
export async function openVault(options: VaultKeyOptions): Promise<OpenVault> {
  const { db, secrets, clock, log } = options;
  await Promise.all([secrets.load(options.keyEncryptionKey), secrets.load(options.searchKey)]);
  const wrappers = (): readonly [Buffer, ...Buffer[]] =>
    secrets.accepted(options.keyEncryptionKey).map((text) => keyFrom(text, options.keyEncryptionKey)) as [Buffer];
  const search = keyFrom(secrets.current(options.searchKey), options.searchKey);
  await refuseOtherSearchKey(db, search, options.searchKey);

  const keys = new Map<number, Buffer>();
  const known = new Map<string, Known>();
  let unsealed: readonly string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const openRow = (row: Row): Known => {
    const by = wrappers().find((one) => told(one, "key-encryption key").equals(row.wrappedBy));
    if (!by) throw new LockgateError("SECRET_UNKNOWN", { at: `key-encryption key of ${row.day}` });
    return { ...row, key: unwrapKey(row.wrapped, by, row.day) };
  };
  const read = async (): Promise<void> => {
    readAt = clock.now();
    const [newest] = wrappers();
    for (const day of [dayOf(clock.now()), dayOf(clock.now() + DAY_MS)])
      if (!known.has(day))
        await insertKey(db, day, wrapKey(randomBytes(KEY_BYTES), newest, day), told(newest, "key-encryption key"));
    for (const row of await readKeys(db)) {
      const before = known.get(row.day);
      const one = before?.wrappedBy.equals(row.wrappedBy) ? before : openRow(row);
      known.set(row.day, one);
      keys.set(row.id, one.key);
    }
    unsealed = await readUnsealed(db);
  };
  const refresh = (): Promise<void> => (reading ??= read().finally(() => (reading = undefined)));
  await refresh();
  const again = () =>
    void refresh().catch((error: unknown) => log.error("the keys of the vault could not be read again", { error }));
  const timer = setInterval(again, READ_EVERY_MS);
  timer.unref();

  /** Of a day whose key could not be made the newest before it goes on: nothing waits for it. */
  const idOf = (day: string): number =>
    (
      known.get(day) ??
      known.get(
        [...known.keys()]
          .filter((one) => one <= day)
          .toSorted()
          .at(-1) ?? "",
      ) ??
      [...known.values()][0]!
    ).id;
  let today = { number: -1, id: -1 };
  const current = (): number => {
    const number = Math.floor(clock.now() / DAY_MS);
    if (today.number !== number) {
      const day = dayOf(clock.now());
      if (!known.has(dayOf(clock.now() + DAY_MS)) && clock.now() - readAt > LEAST_BETWEEN_READS_MS) again();
      today = { number: known.has(day) ? number : -1, id: idOf(day) };
    }
    return today.id;
  };
  const missing = (): void => {
    if (clock.now() - readAt > LEAST_BETWEEN_READS_MS) again();
  };

  return {
    vault: vaultOf({
      data: keys,
      current,
      search,
      get opensUnsealed() {
        return unsealed.length > 0;
      },
      missing,
    }),
    state: () => ({
      keys: keys.size,
      wrappedByNewest: [...known.values()].filter((one) =>
        one.wrappedBy.equals(told(wrappers()[0], "key-encryption key")),
      ).length,
      newestDay: [...known.keys()].toSorted().at(-1)!,
      unsealed,
    }),
    async rewrap() {
      await secrets.refresh();
      await refresh();
      const [newest] = wrappers();
      const by = told(newest, "key-encryption key");
      let count = 0;
      for (const one of known.values()) {
        if (one.wrappedBy.equals(by)) continue;
        await updateKey(db, one, wrapKey(one.key, newest, one.day), by);
        count += 1;
      }
      await refresh();
      return count;
    },
    refresh,
    close: () => clearInterval(timer),
  };
}

/** Under another key nobody would be found any more, and everybody be taken for somebody new. */
async function refuseOtherSearchKey(db: Queryable, key: Buffer, at: string): Promise<void> {
  const ours = told(key, "search key");
  await db.query({ text: "insert into kernel.search_key (told) values ($1) on conflict do nothing", values: [ours] });
  const [row] = await db.query<{ told: Buffer }>("select told from kernel.search_key");
  if (row?.told.byteLength !== ours.byteLength || !timingSafeEqual(row.told, ours))
    throw new LockgateError("SECRET_INVALID", { at, reason: "not the key that this database was filled with" });
}

const readKeys = (db: Queryable): Promise<Row[]> =>
  db.query({
    text: `select id, day::text as day, wrapped, wrapped_by as "wrappedBy" from kernel.data_key order by day`,
  });

const insertKey = (db: Queryable, day: string, wrapped: Buffer, by: Buffer): Promise<unknown> =>
  db.query({
    text: "insert into kernel.data_key (day, wrapped, wrapped_by) values ($1, $2, $3) on conflict do nothing",
    values: [day, wrapped, by],
  });

/** Another who wraps at the same time has done it with the same key. */
const updateKey = (db: Queryable, { id, wrappedBy }: Row, wrapped: Buffer, by: Buffer): Promise<unknown> =>
  db.query({
    text: "update kernel.data_key set wrapped = $2, wrapped_by = $3 where id = $1 and wrapped_by = $4",
    values: [id, wrapped, by, wrappedBy],
  });

async function readUnsealed(db: Queryable): Promise<string[]> {
  return (await db.query<{ name: string }>("select name from kernel.unsealed order by name")).map(({ name }) => name);
}
