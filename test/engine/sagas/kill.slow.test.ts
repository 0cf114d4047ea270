// A node is killed at the edge of every transition: the end is the same, and the world outside was told everything once.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBackbone } from "#engine/backbone";
import { openWork } from "#engine/work";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { until } from "../../until.ts";
import type { KilledNode } from "./killed-node.ts";
import { operator, placed, rig } from "./saga-rig.ts";

const steps = ["one", "two", "three", "four", "five"];
const forwards = { prefix: "completed", transitions: 6, keys: steps, calling: (at: number) => at > 1 };
const back = {
  prefix: "undone",
  transitions: 11,
  keys: [...steps.slice(0, 4), ...["four", "three", "two", "one"].map((step) => `${step}:undo`)],
  // The first begins, the sixth finds it stuck, the seventh is what the person decided.
  calling: (at: number) => ![1, 6, 7].includes(at),
};
const edges = [forwards, back].flatMap(({ prefix, transitions, keys, calling }) =>
  Array.from({ length: transitions }, (_, index) => index + 1).flatMap((transition) =>
    (["before the commit", "after the commit"] as const).map((at) => ({ prefix, keys, calling, at, transition })),
  ),
);

describe("a saga whose node is killed", () => {
  const nodes = rig();
  let directory: string;
  let children: ChildProcess[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "lockgate-sagas-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const start = (told: KilledNode): ChildProcess => {
    const child = fork(join(import.meta.dirname, "killed-node.ts"), [JSON.stringify(told)], { execArgv: [] });
    children.push(child);
    return child;
  };

  test.each(edges)("$at of transition $transition ends as $prefix, each call once by its key", async (edge) => {
    const { prefix, at, transition } = edge;
    const key = `${prefix} ${transition}`;
    const world = join(directory, newId());
    await writeFile(world, "");
    const log = openLog("silent");
    const backbone = await openBackbone({ db: nodes.db, node: newId(), clock: systemClock, log, keepMs: 86_400_000 });
    const work = openWork({ db: nodes.db, backbone, clock: systemClock, log });
    const told: KilledNode = { address: nodes.address, world, node: newId() };
    children = [];
    try {
      await backbone.publishNow([placed(key)]);
      const victim = start({ ...told, kill: { at, transition } });
      const died = once(victim, "exit");
      let isDead = false;
      void died.then(() => {
        isDead = true;
      });
      // A person decides whenever there is something to decide.
      const decided = async (): Promise<void> => {
        const [item] = await work.list({ state: "open", most: 1 });
        if (item) await work.decide(item.id, operator, { action: "undo", digest: item.digest });
      };
      await until(async () => {
        await decided();
        return isDead;
      });
      expect(await died).toEqual([null, "SIGKILL"]);
      start(told);
      await until(async () => {
        await decided();
        return (await nodes.find(key))?.status === prefix;
      });
    } finally {
      for (const child of children) child.kill("SIGKILL");
      await backbone.close();
    }
    const calls = (await readFile(world, "utf8")).trim().split("\n");
    // The revision that an undo takes back is not the same at each edge.
    const distinct = [...new Set(calls)].map((call) => call.replace(`${key}:`, "").replace(/:undo:\d+$/, ":undo"));
    expect(distinct).toEqual(edge.keys);
    // Only a call whose commit was lost was made again.
    expect(calls.length).toBe(edge.keys.length + (at === "before the commit" && edge.calling(transition) ? 1 : 0));
    const [{ count } = { count: 0 }] = await nodes.db.query<{ count: number }>(
      "select count(*) from backbone.log l join backbone.topic t on t.id = l.topic where t.name = 'order.told'",
    );
    expect(count).toBe(edge.keys.length);
    const kinds = (await nodes.find(key))!.journal.map(({ kind }) => kind);
    expect(kinds).toEqual(edge.keys.map((one) => (one.endsWith(":undo") ? "undone" : "ran")));
  });
});
