// One thread of matching in bulk: makes batches of rows ready, brings together who shares a key, and compares them.

import { parentPort, workerData } from "node:worker_threads";
import { batchWork, type ThreadSetup } from "./batch-work.ts";
import { blockPart } from "./block-part.ts";
import { type PairWorkSetup, pairWork } from "./pair-work.ts";
import type { Answer, Order } from "./threads.ts";

const setup: ThreadSetup = workerData;
let rows: ReturnType<typeof batchWork> | undefined;
let pairs: ReturnType<typeof pairWork> | undefined;

const pairsReady = () => {
  if (!pairs) throw new Error("pairs were asked for before the records were told");
  return pairs;
};

const rowsReady = () => {
  rows ??= batchWork(setup);
  return rows;
};

function carryOut(order: Order): Answer | Promise<Answer> {
  switch (order.kind) {
    case "prepare":
      return rowsReady().makeReady(order);
    case "keys":
      return rowsReady().keys();
    case "block":
      return blockPart(order, pairsReady().isIn);
    case "records":
      // No more rows come: what was remembered to make them ready is let go.
      rows = undefined;
      pairs = pairWork({ ...order, extra: setup.extra } satisfies PairWorkSetup);
      return undefined;
    case "count":
      return pairsReady().count(order.from, order.till);
    case "learn":
      return pairsReady().patterns(order);
    case "blocks":
      return pairsReady().useBlocks(order);
    case "decide":
      return pairsReady().decide(order);
    case "two":
      return pairsReady().areTwo(order);
    case "rows":
      return pairsReady().rows(order);
    case "apart":
      return pairsReady().apart(order);
    case "clusters":
      return pairsReady().clusters(order);
  }
}

parentPort!.on("message", async (order: Order) => parentPort!.postMessage(await carryOut(order)));
