// What the saga tests share: nodes on a database of their own, start messages, and waiting for an instance to get somewhere.

import { afterEach, beforeEach } from "vitest";
import { type Backbone, openBackbone } from "#engine/backbone";
import {
  type InstanceWithJournal,
  openSagas,
  type SagaDefinition,
  type SagaOptions,
  type Sagas,
  type StepEnd,
} from "#engine/sagas";
import { type Item, openWork, type RunningWork } from "#engine/work";
import { systemClock } from "#kernel/clock";
import { type Db, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { until } from "../../until.ts";
import { testVault } from "../../vault.ts";

/** What every saga of these tests begins with. */
export type Order = { readonly key: string };

/** Options of a definition that tests need not wait for. */
export const orders = <Input extends Order = Order>(more: Partial<SagaOptions<Input>> = {}): SagaOptions<Input> => ({
  name: "order.filling",
  version: 1,
  topic: "order.placed",
  read: (message) => JSON.parse(message.body.toString()) as Input,
  key: ({ key }) => key,
  retry: { maxAttempts: 3, firstPauseMs: 5, longestPauseMs: 20 },
  undoRetry: { maxAttempts: 2 },
  failures: { queue: "orders", domain: "test", criticality: "normal", dueMs: 60_000, roles: ["operator"] },
  ...more,
});

/** A step's end with nothing but a result. */
export const result = async <T>(value: T): Promise<StepEnd<T>> => ({ result: value });

/** Remembers, in order, what steps did elsewhere. */
export function outside() {
  const calls: { step: string; key: string; attempt: number }[] = [];
  return {
    calls,
    steps: () => calls.map(({ step }) => step),
    keys: (step: string) => calls.filter((one) => one.step === step).map(({ key }) => key),
    /** A run or an undo that is remembered under `step`. */
    does:
      <T>(step: string, value: T) =>
      async ({ key, attempt }: { key: string; attempt: number }): Promise<StepEnd<T>> => {
        calls.push({ step, key, attempt });
        return { result: value };
      },
  };
}

/** One node: a backbone with the sagas that it works. */
export type SagaNode = { readonly backbone: Backbone; readonly work: RunningWork; readonly sagas: Sagas };

export async function openNode(db: Db, definitions: readonly SagaDefinition[]): Promise<SagaNode> {
  const log = openLog("silent");
  const backbone = await openBackbone({ db, node: newId(), clock: systemClock, log, keepMs: 86_400_000 });
  const work = openWork({ db, backbone, clock: systemClock, log });
  const sagas = openSagas({ db, backbone, clock: systemClock, work, definitions });
  sagas.run();
  return { backbone, work, sagas };
}

export const placed = (key: string, more: object = {}) => ({
  topic: "order.placed",
  journeyId: newId(),
  body: Buffer.from(JSON.stringify({ key, ...more })),
  contentType: "application/json",
  source: "test",
});

/** A message with a key, as an event of these tests is. */
export const told = (topic: string, key: string, more: object = {}) => ({ ...placed(key, more), topic });

/** An event of these tests: JSON with the key of the instance. */
export const event = <Body extends { key: string } = { key: string; note?: string }>(topic: string) => ({
  topic,
  read: (message: { body: Buffer }) => JSON.parse(message.body.toString()) as Body,
  key: (body: Body) => body.key,
});

export const operator = { name: "olga", roles: ["operator"] };

/** A fresh database for each test of the file, with the nodes that the test opens. */
export function rig() {
  let database: TestDatabase;
  let nodes: { close(): Promise<void> }[] = [];
  beforeEach(async () => {
    database = await testDatabase();
    nodes = [];
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await database.drop();
  });

  const find = async (key: string): Promise<InstanceWithJournal | undefined> => {
    const [row] = await database.db.query<{ id: string }>({
      text: "select id from saga.instance where key = $1",
      values: [key],
    });
    if (!row) return undefined;
    return openSagas({ db: database.db, definitions: [] } as never).instance(row.id);
  };

  return {
    get db() {
      return database.db;
    },
    get address() {
      return database.as("lockgate_app");
    },
    /** Opens a node; `close` of what is returned stops it before the test ends. */
    async open(...definitions: SagaDefinition[]) {
      const db = openDatabase(database.as("lockgate_app"), 10, testVault);
      const node = await openNode(db, definitions);
      let closing: Promise<void> | undefined;
      const close = () => (closing ??= node.backbone.close().then(() => db.close()));
      nodes.push({ close });
      return { ...node, close };
    },
    find,
    /** The instance of a key once it has one of these statuses. */
    async reached(key: string, ...statuses: InstanceWithJournal["status"][]): Promise<InstanceWithJournal> {
      let found: InstanceWithJournal | undefined;
      await until(async () => {
        found = await find(key);
        return found !== undefined && statuses.includes(found.status);
      });
      return found!;
    },
    /** The one item that waits for a person. */
    async item(node: SagaNode): Promise<Item> {
      let id: string | undefined;
      await until(async () => {
        [{ id } = { id: undefined }] = await node.work.list({ state: "open", most: 1 });
        return id !== undefined;
      });
      return node.work.show(id!, operator);
    },
    async decide(node: SagaNode, action: string): Promise<Item> {
      const item = await this.item(node);
      await node.work.decide(item.id, operator, { action, digest: item.digest });
      return item;
    },
    /** Outcomes and codes of the leaves that a part wrote, in order. */
    async leaves(name: string): Promise<{ outcome: string; code?: string; actor?: string; part: string }[]> {
      const rows = await database.db.query<{ body: string }>("select body from audit.leaf order by position");
      return rows.map(({ body }) => JSON.parse(body)).filter((leaf) => leaf.name === name);
    },
  };
}

/** `step kind` of each entry, with its outcome where it has one. */
export const gone = ({ journal }: InstanceWithJournal): string[] =>
  journal.map(({ step, kind, outcome }) => [step, kind, outcome].filter(Boolean).join(" "));
