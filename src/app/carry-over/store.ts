// Seals what an older Lockgate stored in the clear, table by table; begun again it goes on where it stood.

import { type DatabaseAddress, type Db, openDatabase, type Queryable, type Tx } from "#kernel/db";
import type { Vault } from "#kernel/vault";

/** How many rows one commit seals. */
const BATCH = 500;

type Sealed = {
  readonly table: string;
  /** The columns to seal, each with the place that its module binds it to. */
  readonly columns: Readonly<Record<string, string>>;
  /** What tells the row, as its module says it; in SQL. */
  readonly row: string;
};

const MESSAGE = { columns: { body: "backbone.message.body" } } as const;

/** Sealed values: those that begin with the byte 0 are still as they were. */
const sealed: readonly Sealed[] = [
  {
    table: "backbone.parked",
    ...MESSAGE,
    row: `journey_id || ' ' || (select topic from backbone.subscription s where s.name = subscription)`,
  },
  { table: "backbone.scheduled", ...MESSAGE, row: `journey_id || ' ' || topic` },
  { table: "saga.instance", columns: { input: "saga.instance.input" }, row: "id::text" },
  {
    table: "saga.journal",
    columns: { result: "saga.journal.result" },
    row: `instance_id || ' ' || revision || ' ' || ordinal`,
  },
  { table: "saga.mailbox", columns: { body: "saga.mailbox.body" }, row: `instance_id || ' ' || name` },
  {
    table: "demographics.person",
    columns: { fields: "demographics.person.fields", refused: "demographics.person.refused" },
    row: "id::text",
  },
  { table: "demographics.link", columns: { before: "demographics.link.before" }, row: "id::text" },
  { table: "demographics.said", columns: { statement: "demographics.said.statement" }, row: "journey_id::text" },
  { table: "demographics.proposal", columns: { fields: "demographics.proposal.fields" }, row: "instance_id::text" },
  {
    table: "work.item",
    columns: { content: "work.item.content", reply_context: "work.item.reply_context" },
    row: "id::text",
  },
  {
    table: "work.history",
    columns: { comment: "work.history.comment" },
    row: `item_id || ' ' || deed || ' ' || coalesce(by, '')`,
  },
  {
    table: "gateway.idempotent_request",
    columns: { body: "gateway.idempotent_request.body" },
    row: `char_length(principal) || ':' || principal || key`,
  },
  { table: "audit.access", columns: { reason: "audit.access.reason" }, row: "id::text" },
  {
    table: "gateway.watched_person",
    columns: { reason: "gateway.watched_person.reason" },
    row: `person_id || ' ' || by`,
  },
  { table: "backbone.log", ...MESSAGE, row: `journey_id || ' ' || topic` },
];

type Step = { readonly table: string; readonly seal: (tx: Tx, vault: Vault) => Promise<number> };

/** What is searched for: without its hash nobody is found, so that nothing may run before. */
const searched: readonly Step[] = [
  {
    table: "demographics.identifier",
    seal: (tx, vault) =>
      hidden(tx, "demographics.identifier", "key", "sealed is null", (key) => {
        const hash = vault.seek(key, "identifier");
        return { key: hash, sealed: vault.seal(key, "demographics.identifier.sealed", hash) };
      }),
  },
  {
    table: "demographics.nhs_number",
    seal: (tx, vault) =>
      hidden(tx, "demographics.nhs_number", "number", "sealed is null", (number, { superseded_by: by }) => {
        const of = (text: string) => {
          const hash = vault.seek(text, "nhs number");
          return [hash, vault.seal(text, "demographics.nhs_number.sealed", hash)] as const;
        };
        const [own, next] = [of(number), by === null ? [null, null] : of(by as string)];
        return { number: own[0], sealed: own[1], superseded_by: next[0], superseded_sealed: next[1] };
      }),
  },
  {
    table: "demographics.match_question",
    seal: (tx, vault) =>
      hidden(tx, "demographics.match_question", "key", "not is_hashed", (key) => ({
        key: vault.seek(key, "identifier"),
        is_hashed: true,
      })),
  },
  {
    table: "channels.business_key",
    seal: (tx, vault) =>
      hidden(tx, "channels.business_key", "value", "sealed is null", (value, { journey_id, kind }) => ({
        value: vault.seek(value, "business key"),
        sealed: vault.seal(value, "channels.business_key.sealed", `${journey_id} ${kind}`),
      })),
  },
  {
    table: "writeback.reference",
    seal: (tx, vault) =>
      hidden(
        tx,
        "writeback.reference",
        "external_id",
        "get_byte(held, 0) = 0",
        (externalId, { target, subject, held }) => ({
          external_id: vault.seek(externalId, "external id"),
          held: vault.seal((held as Buffer).subarray(1), "writeback.reference.held", `${target} ${subject}`),
        }),
      ),
  },
  {
    table: "matching.person",
    seal: (tx, vault) =>
      hidden(tx, "matching.person", "person_id", "digest = ''", (id, { prepared, keys }) => {
        const line = (prepared as Buffer).subarray(1);
        return {
          prepared: vault.seal(line, "matching.person.prepared", id),
          digest: vault.seek(line.toString(), "matching line"),
          keys: `{${vault.blind((keys as readonly string[]).map(Number)).join(",")}}`,
        };
      }),
  },
];

/** Rewrites rows of a batch one by one. `value` is given as text; the row goes by where it stands. */
async function hidden(
  tx: Queryable,
  table: string,
  value: string,
  which: string,
  hide: (value: string, row: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Promise<number> {
  const rows = await tx.query<Record<string, unknown> & { place: string }>(
    `select ctid::text as place, * from ${table} where ${which} limit ${BATCH} for update`,
  );
  for (const row of rows) {
    const changed = Object.entries(hide(String(row[value]), row));
    void tx.query({
      text: `update ${table} set ${changed.map(([name], index) => `${name} = $${index + 2}`).join(", ")} where ctid = $1::tid`,
      values: [row.place, ...changed.map(([, one]) => one)],
    });
  }
  return rows.length;
}

async function sealBatch(tx: Tx, vault: Vault, { table, columns, row }: Sealed): Promise<number> {
  const names = Object.keys(columns);
  const isOld = names.map((name) => `(${name} is not null and get_byte(${name}, 0) = 0)`).join(" or ");
  const rows = await tx.query<Record<string, Buffer | null> & { home: string; place: string; told: string }>(
    `select tableoid::regclass::text as home, ctid::text as place, ${row} as told, ${names.join(", ")}
      from ${table} where ${isOld} limit ${BATCH} for update`,
  );
  for (const one of rows) {
    const values = names.map((name) => {
      const value = one[name] ?? null;
      return value !== null && value[0] === 0 ? vault.seal(value.subarray(1), columns[name]!, one.told) : value;
    });
    void tx.query({
      text: `update ${one.home} set ${names.map((name, index) => `${name} = $${index + 2}`).join(", ")} where ctid = $1::tid`,
      values: [one.place, ...values],
    });
  }
  return rows.length;
}

async function batches(db: Db, table: string, seal: (tx: Tx) => Promise<number>, tell: Tell): Promise<void> {
  let done = 0;
  for (let count = BATCH; count === BATCH; ) {
    count = await db.transaction(seal);
    done += count;
    if (count > 0) tell(table, done);
  }
  await db.query({ text: "delete from kernel.unsealed where name = $1", values: [table] });
}

/** Told after each commit: the table and how many rows of it are through. */
export type Tell = (table: string, rows: number) => void;

/**
 * Hashes what is searched for. MUST be through before anything runs.
 * @param address of the owner: rows that the platform may not change are changed here
 */
export async function hideSearched(address: DatabaseAddress, vault: Vault, tell: Tell): Promise<void> {
  await asOwner(address, vault, async (db, open) => {
    for (const { table, seal } of searched.filter(({ table }) => open.has(table))) {
      await batches(db, table, (tx) => seal(tx, vault), tell);
      if (table === "matching.person")
        await db.query(`with gone as (delete from matching.key)
          insert into matching.key (key, person_id) select k.key, person_id from matching.person, unnest(keys) as k(key)`);
    }
  });
}

/** Seals everything else; may run beside the platform. */
export async function sealStored(address: DatabaseAddress, vault: Vault, tell: Tell): Promise<void> {
  await asOwner(address, vault, async (db, open) => {
    for (const one of sealed.filter(({ table }) => open.has(table)))
      await batches(db, one.table, (tx) => sealBatch(tx, vault, one), tell);
  });
}

async function asOwner(
  address: DatabaseAddress,
  vault: Vault,
  work: (db: Db, open: ReadonlySet<string>) => Promise<void>,
): Promise<void> {
  const db = openDatabase({ ...address, role: "lockgate_owner" }, 2, vault);
  try {
    const rows = await db.query<{ name: string }>("select name from kernel.unsealed");
    await work(db, new Set(rows.map(({ name }) => name)));
  } finally {
    await db.close();
  }
}
