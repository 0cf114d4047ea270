// The event that a change at the ERP is settled, as both sagas hear it.

import type { Envelope } from "#engine/backbone";
import type { EventOf } from "#engine/sagas";
import type { WriteSettled } from "#engine/writeback";

/** The topic on which the sagas are told what became of their writes. */
export const WRITE_SETTLED = "write.settled";

/** So many are told within a moment on one node. */
const MOST_LATELY = 512;
const lately = new Map<string, WriteSettled>();

/** Each saga hears every message and uses its own: what one has opened and read, the others need not. */
function readSettled(message: Envelope): WriteSettled {
  const name = `${message.journeyId} ${message.position}`;
  const known = lately.get(name);
  if (known) return known;
  const settled = JSON.parse(message.body.toString()) as WriteSettled;
  lately.set(name, settled);
  if (lately.size > MOST_LATELY) lately.delete(lately.keys().next().value!);
  return settled;
}

/** Events for a saga: its idempotency keys begin with the instance's key, `journey:saga`. */
export const writeSettled = (saga: string): EventOf<WriteSettled> => ({
  topic: WRITE_SETTLED,
  read: readSettled,
  key: ({ idempotencyKey }) => {
    const [journeyId, name] = idempotencyKey.split(":");
    return name === saga ? `${journeyId}:${name}` : undefined;
  },
});

/** How a settled write counts: `conflict` where the ERP holds something newer of its own. */
export const writtenOutcome = ({ state, code }: WriteSettled): "applied" | "unchanged" | "conflict" | "refused" =>
  state !== "refused" ? state : code === "WRITEBACK_CONFLICT" ? "conflict" : "refused";
