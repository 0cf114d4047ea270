// What the backbone contract's suites share: nodes on fresh storage, messages, and a handler that remembers.

import { afterEach, beforeEach } from "vitest";
import type { Backbone, Envelope, NewMessage, Settlement } from "#engine/backbone";
import type { Db } from "#kernel/db";
import { newId } from "#kernel/ids";

/** Storage that several nodes open at once. */
export type BackboneStorage = {
  readonly db: Db;
  /** Opens a node on the storage. */
  open(): Promise<Backbone>;
  drop(): Promise<void>;
};

/** The nodes of the test that runs. */
export type Nodes = { readonly db: Db; readonly first: Backbone; open(): Promise<Backbone> };

/** Gives each test of the suite fresh storage with one node open, and closes whatever it opened. */
export function freshNodes(prepare: () => Promise<BackboneStorage>): Nodes {
  let storage: BackboneStorage;
  let opened: Backbone[] = [];
  const open = async () => {
    const node = await storage.open();
    opened.push(node);
    return node;
  };
  beforeEach(async () => {
    storage = await prepare();
    opened = [];
    await open();
  });
  afterEach(async () => {
    await Promise.all(opened.map((node) => node.close()));
    await storage.drop();
  });
  return {
    get db() {
      return storage.db;
    },
    get first() {
      return opened[0]!;
    },
    open,
  };
}

export const message = (text: string, more: Partial<NewMessage> = {}): NewMessage => ({
  topic: "thing.happened",
  journeyId: newId(),
  body: Buffer.from(text),
  contentType: "text/plain",
  source: "test",
  ...more,
});

export const countUpTo = (count: number, more: (index: number) => Partial<NewMessage> = () => ({})) =>
  Array.from({ length: count }, (_, index) => message(String(index), more(index)));

export const done: Settlement = { settle: "complete" };
/** Retries that a test need not wait for. */
export const quick = { firstPauseMs: 5, longestPauseMs: 20 };

/** A handler that keeps what it saw. */
export function witness(
  settle: (envelope: Envelope, attempt: number) => Settlement | Promise<Settlement> = () => done,
) {
  const seen: string[] = [];
  return {
    seen,
    handler: async (envelope: Envelope, { attempt }: { attempt: number }): Promise<Settlement> => {
      seen.push(envelope.body.toString());
      return settle(envelope, attempt);
    },
  };
}
