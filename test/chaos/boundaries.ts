// Every commit of a journey as a place where the platform can be stopped: from outside, by triggers that a test installs.
//
// Deferred triggers fire inside of COMMIT. They note the commit by the rows that it writes; at the one that is asked for
// they wait for a lock that the test holds. Its process is killed then, and the commit taken back or let through.

import pg from "pg";
import type { DatabaseAddress } from "#kernel/db";
import { until } from "../until.ts";

const LOCK = 7_411;

/** What is written in the commits of a journey, and by which word each row is known again in another run. */
const tables: Readonly<Record<string, string>> = {
  "channels.intake": `'intake'`,
  "saga.instance": `concat_ws(' ', new.saga, new.revision, new.status, new.step)`,
  "saga.journal": `concat_ws(' ', 'journal', new.revision, new.ordinal, new.step, new.kind, new.outcome)`,
  "writeback.change": `concat_ws(' ', 'change', new.state, substring(new.idempotency_key from 38))`,
  "work.item": `concat_ws(' ', 'item', new.reason, new.state)`,
  "work.history": `concat_ws(' ', 'history', new.deed, new.action, to_jsonb(new) ->> 'by')`,
  "audit.leaf": `concat_ws(' ', 'leaf', new.body::json ->> 'part', new.body::json ->> 'name', new.body::json ->> 'outcome',
    new.body::json -> 'detail' ->> 'revision', new.body::json ->> 'actor')`,
};

const install = `create schema chaos;
  create table chaos.mark (number bigint generated always as identity, xid xid8 not null, label text not null);
  create table chaos.point (label text not null);
  create function chaos.pass(at text) returns void language plpgsql security definer as $$ begin
    insert into chaos.mark (xid, label) values (pg_current_xact_id(), at);
    if exists (select from chaos.point p where p.label = at) then perform pg_advisory_xact_lock_shared(${LOCK}); end if;
  end $$;
  grant usage on schema chaos to public;
  ${Object.entries(tables)
    .map(
      ([
        table,
        label,
      ]) => `create function chaos.${table.replace(".", "_")}() returns trigger language plpgsql as $$ begin
        perform chaos.pass(${label}); return null; end $$;
      create constraint trigger chaos after insert or update on ${table} deferrable initially deferred
        for each row execute function chaos.${table.replace(".", "_")}();`,
    )
    .join("\n")}`;

/** One commit, by the words for the rows that it writes. */
export type Boundary = { readonly label: string; readonly rows: readonly string[] };

/** What becomes of a commit whose process was killed in it. */
export type Fate = "taken back" | "let through";

/** The places of one database. */
export type Boundaries = Awaited<ReturnType<typeof openBoundaries>>;

/** Installs the triggers. */
export async function openBoundaries(superuser: DatabaseAddress) {
  const client = new pg.Client({ ...superuser });
  await client.connect();
  await client.query(install);
  const waiters = async (): Promise<number[]> => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_locks where locktype = 'advisory' and not granted and objid = ${LOCK}
        and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows.map(({ pid }) => pid);
  };
  return {
    /** Forgets the commits so far. */
    clear: () => client.query("delete from chaos.mark"),
    /** The commits since, in order; the label of each is a word that no other of them has. */
    async recorded(): Promise<Boundary[]> {
      const { rows } = await client.query<{ rows: string[] }>(
        "select array_agg(distinct label) as rows from chaos.mark group by xid order by min(number)",
      );
      return rows.map(({ rows: own }) => {
        const label = own.find((one) => rows.every((other) => other.rows === own || !other.rows.includes(one)));
        if (label === undefined) throw new Error(`nothing tells this commit from another: ${own.join(", ")}`);
        return { label, rows: own };
      });
    },
    /** The commit of that label will wait. */
    async arm({ label }: Boundary): Promise<void> {
      await client.query(`select pg_advisory_lock(${LOCK})`);
      await client.query({ text: "insert into chaos.point values ($1)", values: [label] });
    },
    /** Resolves when the commit has come and waits. */
    reached: () => until(async () => (await waiters()).length > 0, 60_000),
    /** Decides on the commit that waits, whose process is dead by now, and stops no other one. */
    async release(fate: Fate): Promise<void> {
      await client.query("delete from chaos.point");
      if (fate === "taken back")
        for (const pid of await waiters()) await client.query("select pg_terminate_backend($1)", [pid]);
      await until(async () => fate === "let through" || (await waiters()).length === 0);
      await client.query(`select pg_advisory_unlock(${LOCK})`);
    },
    /** Lets the leases of a killed process run out, as three seconds would. */
    expireLeases: () => client.query("update backbone.consumer set lease_till = now() - interval '1 s'"),
    sql: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> =>
      (await client.query<Row>(text, values)).rows,
    close: () => client.end(),
  };
}
