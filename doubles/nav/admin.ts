// The double's own desk, outside the ERP: ledger, records as a user of the ERP edits them, faults, switches, reset.

import { ZodError } from "zod";
import type { Database } from "./database.ts";
import { NavRefusal } from "./errors.ts";
import type { Faults } from "./faults.ts";
import { text } from "./language.ts";
import { representRow, shapeOf } from "./odata/dialect.ts";
import type { Reply } from "./odata/reply.ts";
import { reasonOf, type Switches } from "./settings.ts";
import { tableOfSet } from "./tables/catalogue.ts";
import { type Field, type Value, valueFromJson } from "./tables/fields.ts";
import type { Row, Table } from "./tables/table.ts";
import { inTransaction, type Session } from "./transaction.ts";

/** What the desk works on. */
interface AdminDesk {
  database: Database;
  faults: Faults;
  switches(): Switches;
  /** Replaces the switches; throws ZodError. */
  setSwitches(input: unknown): void;
  /** Back to the state after a fresh start. */
  reset(): void;
}

/** An admin request. */
interface AdminRequest {
  method: string;
  path: string;
  query: ReadonlyMap<string, string>;
  body: string;
}

const reply = (status: number, body: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body),
});
const done = reply(200, { ok: true });
const refuseBody = (reason: string, status = 400): Reply => reply(status, { error: reason });

/** Serves one admin request; a bad body is answered 400 with the reason. */
export function serveAdmin(desk: AdminDesk, request: AdminRequest): Reply {
  try {
    return route(desk, request);
  } catch (error) {
    if (error instanceof ZodError) return refuseBody(reasonOf(error));
    if (error instanceof SyntaxError) return refuseBody("body is not JSON");
    if (error instanceof NavRefusal) return refuseBody(`${error.code}: ${text(error.textKey, "en-GB", error.args)}`);
    throw error;
  }
}

function route(desk: AdminDesk, request: AdminRequest): Reply {
  const { method, path } = request;
  const [, , name = "", entity] = path.split("/");
  switch (`${method} ${name}`) {
    case "GET health":
      return reply(200, { ok: true, ledger: desk.database.ledger.length });
    case "GET ledger":
      return ledgerReply(desk.database, request.query);
    case "GET faults":
      return reply(200, desk.faults.list());
    case "PUT faults":
      desk.faults.replace(JSON.parse(request.body));
      return reply(200, desk.faults.list());
    case "DELETE faults":
      desk.faults.clear();
      return done;
    case "GET switches":
      return reply(200, desk.switches());
    case "PUT switches":
      desk.setSwitches(JSON.parse(request.body));
      return reply(200, desk.switches());
    case "POST reset":
      desk.reset();
      return done;
    case "GET records":
    case "PUT records":
      return recordsReply(desk, request, entity ?? "");
    default:
      return refuseBody("no such admin address", 404);
  }
}

/** JSON lines; `?after=<seq>` leaves out what is known. */
function ledgerReply(database: Database, query: ReadonlyMap<string, string>): Reply {
  const after = query.get("after") ?? "0";
  if (!/^\d{1,15}$/.test(after)) return refuseBody("after: must be a whole number");
  const lines = database.ledger.slice(Number(after)).map((entry) => `${JSON.stringify(entry)}\n`);
  return { status: 200, headers: { "content-type": "application/jsonl; charset=utf-8" }, body: lines.join("") };
}

function recordsReply(desk: AdminDesk, request: AdminRequest, entity: string): Reply {
  const table = tableOfSet(entity);
  if (!table) return refuseBody("no such entity", 404);
  const name = request.query.get("company");
  const { companies } = desk.database;
  const company = name === undefined ? companies[0] : companies.find((c) => c.name === name || c.id === name);
  if (!company) return refuseBody("company: no such company");
  const shape = shapeOf(table, "api");
  if (request.method === "GET") {
    const rows = desk.database.records(company.id, entity).sorted();
    return reply(
      200,
      rows.map((row) => representRow(shape, row.values)),
    );
  }
  const body: unknown = JSON.parse(request.body);
  if (typeof body !== "object" || body === null || Array.isArray(body)) return refuseBody("body: must be a record");
  const session: Session = {
    database: desk.database,
    switches: desk.switches(),
    company,
    user: "ERPUSER",
    language: "en-GB",
    lag: undefined,
    isErpUser: true,
  };
  const row = editAsUser(session, table, body as Record<string, unknown>);
  return reply(200, representRow(shape, row.values));
}

/** Creates or modifies the record that primary key, id or a unique field of the body names. */
function editAsUser(session: Session, table: Table, body: Record<string, unknown>): Row {
  const shape = shapeOf(table, "api");
  const input = new Map<Field, Value>();
  for (const [name, value] of Object.entries(body)) {
    const field = shape.byWire.get(name);
    if (!field) throw new NavRefusal("BadRequest", "unknownProperty", [name, table.entityName]);
    // Read-only fields are let through unread, so that a record that was read can be edited and put back.
    if (!field.readOnly) input.set(field, valueFromJson(field, value));
  }
  const records = session.database.records(session.company.id, table.entitySet);
  const named = [...input].filter(([field]) => field.name === table.key || table.unique.includes(field.name));
  const existing = named
    .map(([field, value]) => (value === "" ? undefined : records.find(field.name, value)))
    .find((row) => row);
  return inTransaction(session, (transaction) =>
    existing ? transaction.modify(table, existing, input) : transaction.insert(table, input),
  );
}
