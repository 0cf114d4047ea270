// The event that a change at the ERP is settled, as both sagas hear it.

import type { EventOf } from "#engine/sagas";
import { WRITE_SETTLED, type WriteSettled } from "#engine/writeback";

/** Events for a saga: its idempotency keys begin with the instance's key, `journey:saga`. */
export const writeSettled = (saga: string): EventOf<WriteSettled> => ({
  topic: WRITE_SETTLED,
  read: (message) => JSON.parse(message.body.toString()) as WriteSettled,
  key: ({ idempotencyKey }) => {
    const [journeyId, name] = idempotencyKey.split(":");
    return name === saga ? `${journeyId}:${name}` : undefined;
  },
});

/** How a settled write counts: `conflict` where the ERP holds something newer of its own. */
export const writtenOutcome = ({ state, code }: WriteSettled): "applied" | "unchanged" | "conflict" | "refused" =>
  state !== "refused" ? state : code === "WRITEBACK_CONFLICT" ? "conflict" : "refused";
