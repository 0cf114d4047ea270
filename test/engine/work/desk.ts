// Work items on a database of their own, a clock that tests move, and eyes on what was told and recorded.

import { type Backbone, openBackbone } from "#engine/backbone";
import { type Decider, type NewItem, openWork, type RunningWork, type WorkDecided } from "#engine/work";
import { manualClock, systemClock } from "#kernel/clock";
import { type Db, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import type { Log } from "#kernel/log";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { peek, testVault } from "../../vault.ts";

/** When every test begins. */
export const BEGUN_AT = Date.UTC(2026, 0, 1);
export const at = (afterMs: number): Date => new Date(BEGUN_AT + afterMs);

export const anna: Decider = { name: "anna", roles: ["steward"] };
export const ben: Decider = { name: "ben", roles: ["steward", "clerk"] };
export const carol: Decider = { name: "carol", roles: ["steward"] };
export const dan: Decider = { name: "dan", roles: ["clerk"] };

/** An item that two stewards must approve and anybody may refuse. */
export const newItem = (more: Partial<NewItem> = {}): NewItem => ({
  queue: "approvals",
  domain: "demographics",
  reason: "RC-TEST-001",
  criticality: "normal",
  journeyId: newId(),
  title: "A change waits for approval",
  content: { rows: [{ field: "colour", current: "red", proposed: "blue" }] },
  tried: ["asked the other system"],
  actions: [
    { name: "approve", quorum: 2, roles: ["steward"] },
    { name: "refuse", quorum: 1, roles: [] },
  ],
  excluded: [],
  dueAt: at(1_000),
  reply: { session: "one", context: { saga: "a" } },
  ...more,
});

/** One node: its own pool, backbone and clock. */
export type Node = {
  readonly db: Db;
  readonly work: RunningWork;
  readonly clock: ReturnType<typeof manualClock>;
  close(): Promise<void>;
};

/** A log that keeps its lines as text. */
function keptLog(lines: string[]): Log {
  const keep = (text: string, fields?: object) => void lines.push(JSON.stringify({ text, ...fields }));
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  return log;
}

async function openNode(database: TestDatabase, lines: string[], held: ReadonlyMap<string, string[]>): Promise<Node> {
  const log = keptLog(lines);
  const db = openDatabase(database.as("lockgate_app"), 6, testVault);
  const backbone: Backbone = await openBackbone({ db, node: newId(), clock: systemClock, log, keepMs: 86_400_000 });
  const clock = manualClock(BEGUN_AT);
  const close = async () => {
    await backbone.close();
    await db.close();
  };
  return { db, clock, work: openWork({ db, backbone, clock, log, rolesOf: async (name) => held.get(name) }), close };
}

/** A database with one node open; `close` ends all of it. */
export async function openDesk() {
  const database = await testDatabase();
  const lines: string[] = [];
  const held = new Map<string, string[]>();
  const nodes = [await openNode(database, lines, held)];
  const { db, work, clock } = nodes[0]!;
  const ask = async (text: string, values: unknown[]) =>
    (await db.query<{ body: Buffer | string }>({ text, values })).map(({ body }) =>
      typeof body === "string" ? body : peek(body),
    );
  return {
    database,
    db,
    work,
    clock,
    log: lines,
    /** The roles that people hold now, by name; of whoever is not among them nothing is known. */
    held,
    /** Another node on the same database, with a clock of its own. */
    async another(): Promise<Node> {
      const node = await openNode(database, lines, held);
      nodes.push(node);
      return node;
    },
    /** Opens an item. */
    async open(more: Partial<NewItem> = {}) {
      const item = newItem(more);
      const id = newId();
      await db.transaction((tx) => work.open(tx, id, item));
      const [summary] = await work.list({ id, most: 1 });
      return { id, journeyId: item.journeyId, digest: summary!.digest };
    },
    /** The item as a list has it now. */
    now: async (id: string) => (await work.list({ id, most: 1 }))[0]!,
    history: async (id: string) => (await work.show(id, { name: "reader", roles: [] })).history,
    /** What was told of a journey's items. */
    told: async (journeyId: string) =>
      (await ask("select body from backbone.log where journey_id = $1 order by position", [journeyId])).map(
        (body) => JSON.parse(body) as WorkDecided,
      ),
    /** The leaves of a journey, as `name outcome`. */
    leaves: async (journeyId: string) =>
      (await ask("select body from audit.leaf where journey_id = $1 order by position", [journeyId])).map((body) => {
        const { name, outcome, actor } = JSON.parse(body) as { name: string; outcome: string; actor?: string };
        return [name, outcome, ...(actor ? [actor] : [])].join(" ");
      }),
    /** Every leaf's text. */
    leafTexts: () => ask("select body from audit.leaf order by position", []),
    async close() {
      for (const node of nodes) await node.close();
      await database.drop();
    },
  };
}

export type Desk = Awaited<ReturnType<typeof openDesk>>;
