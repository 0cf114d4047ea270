// Who works here: everybody who signs in is known by their name and roles, so that work can be given to them.

import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Principal } from "../identity/principal.ts";
import { type Colleague, keepColleague, readColleagues } from "./store.ts";

const HOUR_MS = 3_600_000;
/** Whoever was not here for so long is given no work. */
const KNOWN_MS = 30 * 24 * HOUR_MS;
const MOST_REMEMBERED = 10_000;

export type Colleagues = {
  /** Notes that somebody is here, at most once an hour unless their roles changed. */
  note(principal: Principal): Promise<void>;
  /** Those who were here within the last thirty days, by name. */
  list(): Promise<readonly Colleague[]>;
};

/** Opens the people of a database; any number of nodes may. */
export function openColleagues({ db, clock }: { readonly db: Db; readonly clock: Clock }): Colleagues {
  const noted = new Map<string, { readonly roles: string; readonly tillMs: number }>();
  return {
    async note({ kind, id, name, roles }) {
      if (kind !== "user") return;
      const known = noted.get(id);
      const now = clock.now();
      const told = roles.toSorted().join(" ");
      if (known?.roles === told && known.tillMs > now) return;
      if (noted.size >= MOST_REMEMBERED) noted.clear();
      noted.set(id, { roles: told, tillMs: now + HOUR_MS });
      try {
        await keepColleague(db, { id, name, roles }, new Date(now));
      } catch (thrown) {
        noted.delete(id);
        throw thrown;
      }
    },
    list: () => readColleagues(db, new Date(clock.now() - KNOWN_MS)),
  };
}
