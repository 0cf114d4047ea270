// Deeds that leave an item to others: giving it to somebody by name, and saying what is missing before it can be decided.

import { append } from "#engine/audit";
import { LockgateError } from "#kernel/errors";
import * as past from "./history/store.ts";
import { mayDecide, refuseOthers } from "./judge.ts";
import * as store from "./store.ts";
import { leafOf, lengthOf } from "./telling.ts";
import type { Work } from "./types.ts";
import type { UnderLock } from "./under-lock.ts";

export const handOn = (underLock: UnderLock): Pick<Work, "assign" | "inquire"> => ({
  assign: (id, decider, to, seen) =>
    underLock(id, { name: "work.assigned", decider, seen }, async (tx, item, at) => {
      refuseOthers(item, decider, at);
      if (!mayDecide(item, to)) throw new LockgateError("WORK_UNASSIGNABLE", { at: id });
      const isRepeated = item.owner === to.name;
      if (!isRepeated) {
        void store.setState(tx, id, "claimed", to.name);
        void past.insertDeed(tx, { itemId: id, at, deed: "assigned", by: decider.name, to: to.name });
      }
      const more = { actor: decider.name, detail: { to: to.name } };
      await append(tx, [leafOf(item, "work.assigned", at, isRepeated ? "unchanged" : "ok", more)]);
    }),

  inquire: (id, decider, comment, seen) =>
    underLock(id, { name: "work.inquired", decider, seen }, async (tx, item, at) => {
      refuseOthers(item, decider, at);
      if (!mayDecide(item, decider)) throw new LockgateError("WORK_FORBIDDEN", { at: id });
      // The queue gives it as long as it gave it before, from now on.
      const givenMs = item.dueAt.getTime() - (item.inquiredAt ?? item.openedAt).getTime();
      const dueAt = new Date(at.getTime() + givenMs);
      void store.setState(tx, id, "open", null);
      void store.setInquired(tx, id, { at, by: decider.name, dueAt });
      void past.insertDeed(tx, { itemId: id, at, deed: "inquired", by: decider.name, comment });
      const more = { actor: decider.name, detail: { dueAt: dueAt.toISOString(), ...lengthOf(comment) } };
      await append(tx, [leafOf(item, "work.inquired", at, "waiting", more)]);
    }),
});
