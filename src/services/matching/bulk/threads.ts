// The threads of matching in bulk: each order goes to whichever is free.

import { Worker } from "node:worker_threads";
import type { BatchOrder, ReadyBatch, ThreadSetup } from "./batch-work.ts";
import type { BlockOrder, BlockPart } from "./block-part.ts";
import type {
  ApartOrder,
  BlocksOrder,
  ClusterRows,
  ClustersOrder,
  Counts,
  Decided,
  DecideOrder,
  LearnOrder,
  PairsOrder,
  Patterns,
  RecordsOrder,
  RowsOrder,
} from "./pair-work.ts";
import type { Apart } from "./persons-of-links.ts";
import type { KeySlice } from "./shared-keys.ts";

export type Order =
  | ({ readonly kind: "prepare" } & BatchOrder)
  | { readonly kind: "keys" }
  | ({ readonly kind: "block" } & BlockOrder)
  | ({ readonly kind: "records" } & RecordsOrder)
  | { readonly kind: "count"; readonly from: number; readonly till: number }
  | ({ readonly kind: "learn" } & LearnOrder)
  | ({ readonly kind: "blocks" } & BlocksOrder)
  | ({ readonly kind: "decide" } & DecideOrder)
  | ({ readonly kind: "two" } & PairsOrder)
  | ({ readonly kind: "rows" } & RowsOrder)
  | ({ readonly kind: "apart" } & ApartOrder)
  | ({ readonly kind: "clusters" } & ClustersOrder);
export type Answer = AnswerTo[keyof AnswerTo];

type AnswerTo = {
  readonly prepare: ReadyBatch;
  readonly keys: KeySlice[];
  readonly block: BlockPart;
  readonly records: undefined;
  readonly count: Counts;
  readonly learn: Patterns;
  readonly blocks: undefined;
  readonly decide: Decided;
  readonly two: Uint8Array;
  readonly rows: string;
  readonly apart: Apart;
  readonly clusters: ClusterRows;
};

export type Threads = {
  readonly count: number;
  /** Carries an order out on a free thread, after those that wait. */
  ask<K extends Order["kind"]>(order: Extract<Order, { kind: K }>): Promise<AnswerTo[K]>;
  /** Carries an order out on every thread, when all are free. */
  tell<K extends Order["kind"]>(order: Extract<Order, { kind: K }>): Promise<AnswerTo[K][]>;
  close(): Promise<void>;
};

type Waiting = {
  readonly order: Order;
  readonly settle: (answer: Answer) => void;
  readonly fail: (cause: unknown) => void;
};

/** Rows and pairs leave much behind that is soon of no use: with more room for it less of it is gone through. */
const maxYoungGenerationSizeMb = 64;

export function startThreads(count: number, setup: ThreadSetup): Threads {
  const workers = Array.from(
    { length: count },
    () =>
      new Worker(new URL("./thread.ts", import.meta.url), {
        workerData: setup,
        resourceLimits: { maxYoungGenerationSizeMb },
      }),
  );
  const free = [...workers];
  const queue: Waiting[] = [];
  const running = new Map<Worker, Waiting>();
  let broken: unknown;

  const start = (worker: Worker, waiting: Waiting) => {
    running.set(worker, waiting);
    worker.postMessage(waiting.order);
  };
  const breakDown = (cause: unknown) => {
    broken ??= cause;
    for (const { fail } of [...running.values(), ...queue]) fail(cause);
    running.clear();
    queue.length = 0;
  };
  for (const worker of workers) {
    worker.on("message", (answer: Answer) => {
      const waiting = running.get(worker);
      running.delete(worker);
      const next = queue.shift();
      if (next) start(worker, next);
      else free.push(worker);
      waiting?.settle(answer);
    });
    worker.on("error", breakDown);
  }
  const put = (order: Order, to?: Worker): Promise<Answer> => {
    const answered = new Promise<Answer>((settle, fail) => {
      if (broken !== undefined) return fail(broken);
      const waiting = { order, settle, fail };
      const worker = to ?? free.shift();
      if (worker) start(worker, waiting);
      else queue.push(waiting);
    });
    // Where one order fails all do, and only the first of them is waited for.
    answered.catch(() => undefined);
    return answered;
  };

  return {
    count,
    ask: (order) => put(order) as Promise<never>,
    async tell(order) {
      const all = free.splice(0);
      if (all.length !== count) throw new Error("threads are told only when all are free");
      return (await Promise.all(all.map((worker) => put(order, worker)))) as never[];
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
