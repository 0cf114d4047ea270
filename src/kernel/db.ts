// PostgreSQL: a pool, transactions that know their place in the order of commits, and notifications.

import type { Duplex } from "node:stream";
import pg from "pg";
import { type ErrorCode, LockgateError } from "./errors.ts";
import { answerFor } from "./telemetry.ts";
import { closedVault, type Vault } from "./vault.ts";

/** How to reach a database. `role` is taken on by `SET ROLE` at connect where the login may be more powerful. */
export type DatabaseAddress = {
  readonly connectionString?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly database?: string;
  /** Asked at each new connection. */
  readonly password?: () => string;
  readonly role?: string;
};

/** One statement. A `name` keeps it prepared on each connection. */
export type Statement = {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /** What it says where a row of the same unique key is there already: an `on conflict` costs each row half as much again. */
  readonly ifTaken?: ErrorCode;
};

/** Something that runs statements. Statements of one transaction are sent at once and run in order. */
export type Queryable = {
  /** Seals what is personal before it is stored, and opens what was read: the stores' to use, at their edge. */
  readonly vault: Vault;
  query<Row = Record<string, unknown>>(statement: Statement | string): Promise<Row[]>;
};

/** A transaction in progress. */
export type Tx = Queryable & { readonly tx: true };

/** A database as the platform's modules see it. */
export type Db = Queryable & {
  /**
   * Runs `work` in one transaction that has entered the order of commits, so it may append messages and audit leaves.
   * `work` need not await each statement: the first failure rolls everything back and is what the caller gets.
   * @param options.durable false: the commit does not wait for the disk. A crash of the server may then take back the
   *   last commits, whole and in order; only for work that is done again in that case. Default true.
   * @throws what `work` throws; DATABASE_UNAVAILABLE when the connection is lost (a commit in flight may have happened).
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: { readonly durable?: boolean }): Promise<T>;
  /** Calls `hear` for each NOTIFY on `channel` until closed; reconnects by itself. A notification is a hint, never a fact. */
  listen(channel: string, hear: (payload: string) => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
};

/**
 * A common table expression, `relaxed`, that a statement by itself reads from so that its commit does not wait for the disk: what
 * `durable: false` is to a transaction.
 */
export const relaxedCommit = "relaxed as materialized (select set_config('synchronous_commit', 'off', true))";

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const CONNECTION_LOST = new Set([
  "53300", // no connection is free
  "57P01",
  "57P02",
  "57P03",
  "08000",
  "08003",
  "08006",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
]);

function translate(thrown: unknown): unknown {
  if (thrown instanceof LockgateError || !(thrown instanceof Error)) return thrown;
  const code = (thrown as { code?: string }).code;
  // Class 22: the value itself can never be stored, however often it is tried.
  if (code?.startsWith("22")) return new LockgateError("DATABASE_REFUSED_VALUE", { reason: code, cause: thrown });
  const lost = code
    ? CONNECTION_LOST.has(code)
    : /^(Connection terminated|timeout exceeded|Client has encountered)/.test(thrown.message);
  return lost ? new LockgateError("DATABASE_UNAVAILABLE", { cause: thrown }) : thrown;
}

/** Whether `thrown` is a PostgreSQL error with that SQLSTATE. */
export const isSqlState = (thrown: unknown, state: string): boolean =>
  thrown instanceof Error && (thrown as { code?: string }).code === state;

/**
 * A prepared statement keeps the plan it was given while its tables were small until they are analysed again, and reads
 * them whole meanwhile. Everything that runs often here has an index, so a whole read is never worth preferring.
 */
const PLANNING = ["enable_seqscan=off", "jit=off"];

function clientConfig(address: DatabaseAddress): pg.ClientConfig {
  const { role, ...rest } = address;
  return {
    ...rest,
    options: [...(role ? [`role=${role}`] : []), ...PLANNING].map((setting) => `-c ${setting}`).join(" "),
    application_name: "lockgate",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
}

/** Numbers need no quotes in an array's text: neither to be looked for here nor to be taken off there. */
const parameterOf = (value: unknown): unknown =>
  Array.isArray(value) && value.every((one) => typeof one === "number") ? `{${value.join(",")}}` : value;

/** As the driver's own object: what it is given otherwise it takes apart and copies, for every statement. */
function queryOf(statement: Statement | string): pg.Query {
  if (typeof statement === "string") return new pg.Query(statement);
  const { name, text, values } = statement;
  return Object.assign(new pg.Query(text), { name, values: values?.map(parameterOf) });
}

/** What whoever sent the statement is told of its failure. */
function refusalOf(statement: Statement | string, error: Error): unknown {
  const taken = typeof statement === "string" ? undefined : statement.ifTaken;
  return taken && isSqlState(error, "23505") ? new LockgateError(taken, { cause: error }) : translate(error);
}

type Answered = (error: Error | null | undefined, result: pg.QueryResult) => void;
type Submits = { query(query: pg.Query, answered: Answered): void };

function run<Row>(client: pg.ClientBase | pg.Pool, statement: Statement | string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    (client as Submits).query(queryOf(statement), (error, result) =>
      error ? reject(refusalOf(statement, error)) : resolve(result.rows as Row[]),
    );
  });
}

/** Lets the statements of one turn of the event loop leave in one packet. */
function gathering(client: pg.PoolClient): () => void {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  let corked = false;
  return () => {
    if (corked) return;
    corked = true;
    stream.cork();
    process.nextTick(() => {
      corked = false;
      stream.uncork();
    });
  };
}

/** Runs `work` on `client` between BEGIN and COMMIT; every statement goes out without waiting for the one before. */
async function inTransaction<T>(
  client: pg.PoolClient,
  vault: Vault,
  work: (tx: Tx) => Promise<T>,
  durable: boolean,
): Promise<T> {
  const sent: Promise<unknown>[] = [];
  let first: { error: unknown } | undefined;
  let isOver = false;
  const gather = gathering(client);
  const send = <Row>(statement: Statement | string): Promise<Row[]> => {
    gather();
    const answer = run<Row>(client, statement);
    sent.push(
      answer.catch((error: unknown) => {
        first ??= { error };
      }),
    );
    return answer;
  };
  // Work that failed in one place may still be under way in another: what that writes would be committed by itself.
  const query: Tx["query"] = (statement) =>
    isOver ? Promise.reject(new LockgateError("INTERNAL", { reason: "transaction-over" })) : send(statement);
  send(durable ? "begin" : "begin; set local synchronous_commit to off");
  send({ name: "kernel.enter", text: "select kernel.enter()" });
  try {
    const result = await work({ tx: true, vault, query });
    isOver = true;
    await Promise.all([...sent, send("commit")]);
    if (first) throw first.error;
    return result;
  } catch (thrown) {
    isOver = true;
    await Promise.all([...sent, send("rollback").catch(() => undefined)]);
    // The statement that failed is the cause; what fails after it only says that the transaction is aborted.
    throw first ? first.error : thrown;
  }
}

async function listenForever(address: DatabaseAddress, channel: string, hear: (payload: string) => void) {
  let client: pg.Client | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    client = new pg.Client(clientConfig(address));
    client.on("notification", (notification) => hear(notification.payload ?? ""));
    client.on("error", () => undefined);
    client.once("end", () => {
      if (!closed) retry = setTimeout(() => void connect().catch(() => undefined), 500);
    });
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
  };
  await connect();
  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}

/** Says how the pool stands to whoever asks for figures. @returns what ends it */
function watchPool(pool: pg.Pool): () => void {
  const used = answerFor("db.client.connection.count", async () => [
    { value: pool.idleCount, attributes: { "db.client.connection.state": "idle" } },
    { value: pool.totalCount - pool.idleCount, attributes: { "db.client.connection.state": "used" } },
  ]);
  const waiting = answerFor("db.client.connection.pending_requests", async () => [{ value: pool.waitingCount }]);
  return () => {
    used();
    waiting();
  };
}

/**
 * Opens a pool of at most `connections`.
 * @param connections upper bound of open connections; default 10
 * @param vault what sealed columns open by; without it they stay closed
 */
export function openDatabase(address: DatabaseAddress, connections = 10, vault: Vault = closedVault): Db {
  const pool = new pg.Pool({
    ...clientConfig(address),
    pipeline: true,
    max: connections,
    idleTimeoutMillis: 30_000,
  } as pg.PoolConfig);
  pool.on("error", () => undefined); // an idle connection that dies is replaced at its next use
  // One that dies in use fails its statements; without a listener its event would end the process as well.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const unwatch = watchPool(pool);
  return {
    vault,
    query: (statement) => run(pool, statement),
    async transaction(work, { durable = true } = {}) {
      const client = await pool.connect().catch((thrown: unknown) => {
        throw translate(thrown);
      });
      let broken = false;
      try {
        return await inTransaction(client, vault, work, durable);
      } catch (thrown) {
        broken = thrown instanceof LockgateError && thrown.code === "DATABASE_UNAVAILABLE";
        throw thrown;
      } finally {
        client.release(broken);
      }
    },
    listen: (channel, hear) => listenForever(address, channel, hear),
    close() {
      unwatch();
      return pool.end();
    },
  };
}

/** The highest position at or below which every transaction has ended. Read rows in a later statement. */
export async function horizon(db: Queryable): Promise<number> {
  const [row] = await db.query<{ horizon: number }>({
    name: "kernel.horizon",
    text: "select kernel.horizon() as horizon",
  });
  return row!.horizon;
}

/** Answers once the database does. @throws DATABASE_UNAVAILABLE */
export async function ping(db: Queryable): Promise<void> {
  await db.query("select 1");
}
