// Any saga: definitions of steps, loops, waits and branches with faults planted in them, for a property to hold of all.

import fc from "fast-check";
import { defineSaga, END, type SagaDefinition, type StepContext, type StepEnd } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { event, type Order, orders, placed } from "./saga-rig.ts";

const faults = ["none", "none", "none", "transient", "permanent", "commit"] as const;
type Fault = (typeof faults)[number];

const shape = fc.record({
  kind: fc.constantFrom("reads", "acts", "acts", "acts", "both", "event", "time"),
  /** What happens at each call, one after the other; after the last, nothing. */
  faults: fc.array(fc.constantFrom(...faults), { maxLength: 3 }),
  undoFaults: fc.array(fc.constantFrom<Fault>("none", "transient", "permanent"), { maxLength: 2 }),
  /** How often it goes back, and how far. */
  rounds: fc.nat({ max: 2 }),
  back: fc.nat({ max: 3 }),
  endsEarly: fc.boolean(),
  isSkipped: fc.boolean(),
  hasUndo: fc.boolean(),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

export const anySteps = fc.array(shape, { minLength: 1, maxLength: 6 });

/** Which visit of its step a key is of. */
const visitOf = (key: string): number => Number(/:(\d+)$/.exec(key)?.[1] ?? 1);

/** Throws what is planned for this call. */
function planted(plan: readonly Fault[]) {
  let call = 0;
  return (): Fault => {
    const fault = plan[call] ?? "none";
    call += 1;
    if (fault === "transient") throw new LockgateError("ERP_LOCKED");
    if (fault === "permanent") throw new LockgateError("ERP_REFUSED");
    return fault;
  };
}

/** The topic on which each run and each undo leaves its key, as an effect. */
export const COMMITTED = "any.committed";

export function anySaga(name: string, shapes: readonly Shape[]): SagaDefinition {
  const topic = `${name}.told`;
  let saga = defineSaga(orders({ name, topic: `${name}.placed` })) as ReturnType<typeof defineSaga<Order>>;
  for (const [index, one] of shapes.entries()) {
    const step = `s${index}`;
    const fault = planted(one.faults);
    const undoFault = planted(one.undoFaults);
    const publish = (key: string) => [{ ...placed(key), topic: COMMITTED }];
    // Going back is for steps that come to an end: a visit is told by its key.
    const outcomeOf = (visit: number) => (visit <= one.rounds ? "back" : one.endsEarly ? "out" : "on");
    const ways = { back: `s${Math.max(0, index - one.back)}`, out: END };
    const run = async ({ key }: StepContext<Order, object>): Promise<StepEnd<number>> => {
      const planned = fault();
      let commits = planned === "commit" ? 2 : 0;
      return {
        result: visitOf(key),
        outcome: one.kind === "both" ? undefined : outcomeOf(visitOf(key)),
        apply: async () => {
          commits -= 1;
          if (commits >= 0) throw new LockgateError("ERP_LOCKED");
        },
        publish: publish(key),
      };
    };
    const undo = async ({ key }: { key: string }) => {
      undoFault();
      return { publish: publish(key) };
    };
    const undone = one.hasUndo ? { undo } : {};
    const when = () => !one.isSkipped;
    if (one.kind === "both") saga = saga.parallel(step, { left: { run, ...undone }, right: { run } }) as typeof saga;
    else if (one.kind === "event")
      saga = saga.wait(step, { event: event(topic), withinMs: () => 3_000, when }) as typeof saga;
    else if (one.kind === "time") saga = saga.wait(step, { withinMs: () => 1 }) as typeof saga;
    else if (one.kind === "reads") saga = saga.step(step, { reads: true, run, when, ways }) as typeof saga;
    else saga = saga.step(step, { run, ...undone, when, ways }) as typeof saga;
  }
  return saga.end();
}
