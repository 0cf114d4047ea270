// Reading instances: what the handlers of one moment ask for travels in one query.

import type { Queryable } from "#kernel/db";
import { readTogether } from "#kernel/read-together";
import { readIds, readInstances, type SagaKey } from "./store.ts";
import type { InstanceWithJournal } from "./types.ts";

/** Reads on behalf of handlers that begin side by side. */
export type Reader = {
  instance(id: string): Promise<InstanceWithJournal | undefined>;
  /** The id of the instance of that correlation key. */
  idOf(key: SagaKey): Promise<string | undefined>;
};

const instances = readTogether(readInstances);
const ids = readTogether(readIds);

export const reader = (db: Queryable): Reader => ({
  instance: async (id) => (await instances(db, id)).find((one) => one.id === id),
  idOf: async ({ saga, key }) => (await ids(db, { saga, key })).find((one) => one.saga === saga && one.key === key)?.id,
});
