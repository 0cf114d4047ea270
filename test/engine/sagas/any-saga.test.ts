// Whatever the definition and whatever fails on the way: an instance ends, and its history is a way through the definition.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { historyOf, type InstanceWithJournal, replay } from "#engine/sagas";
import { until } from "../../until.ts";
import { peek } from "../../vault.ts";
import { anySaga, anySteps, COMMITTED } from "./any-saga.ts";
import { operator, placed, rig, told } from "./saga-rig.ts";

const isEnded = (instance: InstanceWithJournal | undefined): boolean =>
  instance !== undefined && ["completed", "undone"].includes(instance.status);

describe("any saga, whatever fails on the way,", () => {
  const nodes = rig();
  let runs = 0;

  test("comes to an end that its definition could have come to, with every effect once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anySteps, fc.constantFrom("retry", "undo")), { minLength: 8, maxLength: 8 }),
        async (cases) => {
          runs += 1;
          const sagas = cases.map(([shapes, whenStuck], index) => {
            const name = `any.r${runs}s${index}`;
            return { name, whenStuck, definition: anySaga(name, shapes) };
          });
          const node = await nodes.open(...sagas.map(({ definition }) => definition));
          try {
            await node.backbone.publishNow(sagas.flatMap(({ name }) => [{ ...placed(name), topic: `${name}.placed` }]));
            let looks = 0;
            await until(async () => {
              // What could not begin, or cannot be undone, can only be tried again.
              for (const item of await node.work.list({ state: "open", most: 20 })) {
                const { subject } = await node.work.show(item.id, operator);
                const instance = (await Promise.all(sagas.map(({ name }) => nodes.find(name)))).find(
                  (one) => one?.id === subject,
                );
                const wanted = sagas.find(({ name }) => name === instance?.key)?.whenStuck ?? "retry";
                const action = item.actions.some(({ name }) => name === wanted) ? wanted : "retry";
                await node.work.decide(item.id, operator, { action, digest: item.digest });
              }
              const instances = await Promise.all(sagas.map(({ name }) => nodes.find(name)));
              looks += 1;
              if (looks % 5 === 0)
                await node.backbone.publishNow(
                  instances.flatMap((one) => (one?.awaiting?.event ? [told(one.awaiting.event, one.key)] : [])),
                );
              return instances.every(isEnded);
            }, 15_000);
            for (const { name, definition } of sagas) {
              const instance = (await nodes.find(name))!;
              replay(definition, historyOf(instance));
            }
            const effects = await nodes.db.query<{ body: Buffer }>({
              text: `select l.body
                from backbone.log l join backbone.topic t on t.id = l.topic where t.name = $1`,
              values: [COMMITTED],
            });
            const [entries] = await nodes.db.query<{ all: number }>(
              "select count(*) as all from saga.journal where kind in ('ran', 'undone')",
            );
            expect(effects.length).toBe(entries!.all);
            expect(new Set(effects.map(({ body }) => peek(body))).size).toBe(entries!.all);
            expect(await node.backbone.parked({ state: "dead", most: 5 })).toEqual([]);
          } finally {
            await node.close();
          }
        },
      ),
      { numRuns: 3, endOnFailure: true },
    );
  }, 60_000);
});
