// A node as a process of its own, which kills itself right before or right after the commit of one transition.

import { appendFileSync } from "node:fs";
import { openBackbone } from "#engine/backbone";
import { defineSaga, openSagas } from "#engine/sagas";
import { openWork } from "#engine/work";
import { systemClock } from "#kernel/clock";
import { type DatabaseAddress, type Db, openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { openLog } from "#kernel/log";
import { testVault } from "../../vault.ts";
import { orders, placed } from "./saga-rig.ts";

/** What the process is told. */
export type KilledNode = {
  readonly address: DatabaseAddress;
  /** The world outside: one line for each call, the key that it came under. */
  readonly world: string;
  /** The same for each that follows, so that it takes over at once. */
  readonly node: string;
  readonly kill?: { readonly at: "before the commit" | "after the commit"; readonly transition: number };
};

const [told = ""] = process.argv.slice(2);
const { address, world, node, kill } = JSON.parse(told) as KilledNode;

const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
};

/** Counts transactions that move an instance, and dies at the one it was told. */
function mortal(db: Db): Db {
  let transitions = 0;
  return {
    ...db,
    async transaction(work, options) {
      let isLast = false;
      const done = await db.transaction(async (tx) => {
        let moves = false;
        const answer = await work({
          tx: true,
          vault: tx.vault,
          query(statement) {
            moves ||= typeof statement !== "string" && ["saga.insert", "saga.update"].includes(statement.name ?? "");
            return tx.query(statement);
          },
        });
        if (moves) transitions += 1;
        isLast = moves && transitions === kill?.transition;
        return isLast && kill?.at === "before the commit" ? die() : answer;
      }, options);
      return isLast ? die() : done;
    },
  };
}

const acts = (name: string) => ({
  run: async ({ key }: { key: string }) => {
    appendFileSync(world, `${key}\n`);
    return { result: name, publish: [{ ...placed(name), topic: "order.told" }] };
  },
  undo: async ({ key }: { key: string }) => {
    appendFileSync(world, `${key}\n`);
    return { publish: [{ ...placed(name), topic: "order.told" }] };
  },
});

const saga = defineSaga(orders())
  .step("one", acts("one"))
  .step("two", acts("two"))
  .step("three", acts("three"))
  .step("four", acts("four"))
  .step("five", {
    run: async ({ input, key }) => {
      if (input.key.startsWith("undone")) throw new LockgateError("ERP_REFUSED");
      return acts("five").run({ key });
    },
  })
  .end();

const db = mortal(openDatabase(address, 10, testVault));
const log = openLog("silent");
const backbone = await openBackbone({ db, node, clock: systemClock, log, keepMs: 86_400_000 });
const work = openWork({ db, backbone, clock: systemClock, log });
openSagas({ db, backbone, clock: systemClock, work, definitions: [saga] }).run();
