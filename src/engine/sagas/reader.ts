// Reading instances: what the handlers of one moment ask for travels in one query.

import type { Queryable } from "#kernel/db";
import { readIds, readInstances, type SagaKey } from "./store.ts";
import type { InstanceWithJournal } from "./types.ts";

/** Reads on behalf of handlers that begin side by side. */
export type Reader = {
  instance(id: string): Promise<InstanceWithJournal | undefined>;
  /** The id of the instance of that correlation key. */
  idOf(key: SagaKey): Promise<string | undefined>;
};

export function reader(db: Queryable): Reader {
  const instances = together((ids: readonly string[]) => readInstances(db, ids));
  const ids = together((keys: readonly SagaKey[]) => readIds(db, keys));
  return {
    instance: async (id) => (await instances(id)).find((one) => one.id === id),
    idOf: async ({ saga, key }) => (await ids({ saga, key })).find((one) => one.saga === saga && one.key === key)?.id,
  };
}

/** Asks once for everything that is wanted within one turn of the event loop; each asker gets the whole answer. */
function together<Wanted, Found>(read: (wanted: readonly Wanted[]) => Promise<readonly Found[]>) {
  let open: { wanted: Wanted[]; answer: Promise<readonly Found[]> } | undefined;
  return (one: Wanted): Promise<readonly Found[]> => {
    if (!open) {
      const wanted: Wanted[] = [];
      const turn = new Promise<void>((resolve) => setImmediate(resolve));
      open = {
        wanted,
        answer: turn.then(() => {
          open = undefined;
          return read(wanted);
        }),
      };
    }
    open.wanted.push(one);
    return open.answer;
  };
}
