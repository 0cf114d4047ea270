// What the provider remembers, in memory: everybody signs in again after a restart.

import type { Adapter, Payload } from "./provider-types.ts";

type Kept = { readonly payload: Payload; readonly tillMs: number };

/** The provider's memory. */
export type Memory = {
  adapter(model: string): Adapter;
  /** All of one model that is still good. */
  all(model: string): Payload[];
  forget(model: string, matches: (payload: Payload) => boolean): void;
};

/** An empty memory. */
export function openMemory(nowMs: () => number): Memory {
  const models = new Map<string, Map<string, Kept>>();
  const of = (model: string): Map<string, Kept> => {
    const found = models.get(model) ?? new Map<string, Kept>();
    models.set(model, found);
    return found;
  };
  const living = (model: string): [string, Payload][] =>
    [...of(model)].flatMap(([id, { payload, tillMs }]) => (tillMs > nowMs() ? [[id, payload]] : []));
  const matching = (model: string, name: string, value: string): Payload | undefined =>
    living(model).find(([, payload]) => payload[name] === value)?.[1];
  return {
    all: (model) => living(model).map(([, payload]) => payload),
    forget(model, matches) {
      for (const [id, { payload }] of of(model)) if (matches(payload)) of(model).delete(id);
    },
    adapter: (model) => ({
      async upsert(id, payload, expiresIn) {
        const tillMs = expiresIn === undefined ? Number.POSITIVE_INFINITY : nowMs() + expiresIn * 1_000;
        of(model).set(id, { payload, tillMs });
      },
      async find(id) {
        const kept = of(model).get(id);
        return kept && kept.tillMs > nowMs() ? kept.payload : undefined;
      },
      findByUserCode: async (userCode) => matching(model, "userCode", userCode),
      findByUid: async (uid) => matching(model, "uid", uid),
      async consume(id) {
        const kept = of(model).get(id);
        if (kept) kept.payload.consumed = Math.floor(nowMs() / 1_000);
      },
      destroy: async (id) => void of(model).delete(id),
      async revokeByGrantId(grantId) {
        for (const kept of models.values())
          for (const [id, { payload }] of kept) if (payload.grantId === grantId) kept.delete(id);
      },
    }),
  };
}
