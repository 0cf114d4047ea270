// A saga that is mostly a person's: it asks, goes round when told to, and acts on a yes.

import { defineSaga, END } from "#engine/sagas";
import { orders } from "../engine/sagas/saga-rig.ts";

const actions = ["approve", "refuse", "again"].map((name) => ({ name, quorum: 1, roles: [] }));

export const leaveApproval = defineSaga(orders({ name: "leave.approving", topic: "leave.asked", version: 2 }))
  .step("propose", { reads: true, run: async ({ input }) => ({ result: { for: input.key } }) })
  .ask("approval", {
    ask: async ({ results }) => ({
      item: {
        queue: "leave",
        domain: "test",
        reason: "asked",
        criticality: "low",
        title: "Leave",
        content: results.propose,
        tried: [],
        actions,
        excluded: [],
        dueAt: new Date("2100-01-01T00:00:00Z"),
      },
    }),
    ways: { again: "propose", refuse: END },
  })
  .step("book", { run: async ({ results }) => ({ result: results.approval.action }), undo: async () => ({}) })
  .end();
