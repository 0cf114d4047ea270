// A saga with something of everything but a person: it reads, acts, loops, does two things at once, waits.

import { defineSaga, END } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { event, orders } from "../engine/sagas/saga-rig.ts";

export type Filling = {
  readonly key: string;
  readonly tries: number;
  readonly isGift?: boolean;
  readonly isRefused?: boolean;
};

export const orderFilling = defineSaga(orders<Filling>())
  .step("weigh", { reads: true, run: async () => ({ result: { grams: 70 } }) })
  .step("wrap", { when: ({ input }) => input.isGift === true, run: async () => ({ result: "wrapped" }) })
  .step("reserve", { run: async ({ key }) => ({ result: key }), undo: async () => ({}) })
  .step("check", {
    reads: true,
    run: async ({ input, results }) => ({
      result: null,
      outcome: results.reserve.endsWith(`:${input.tries}`) || input.tries === 1 ? "in stock" : "gone",
    }),
    ways: { gone: "reserve" },
  })
  .parallel("tell", {
    sender: { run: async () => ({ result: 1 }), undo: async () => ({}) },
    receiver: { run: async () => ({ result: 2 }) },
  })
  .wait("paid", { event: event("order.paid"), withinMs: () => 300, ways: { late: END } })
  .step("send", {
    run: async ({ input }) => {
      if (input.isRefused) throw new LockgateError("ERP_REFUSED");
      return { result: "sent" };
    },
  })
  .end();
