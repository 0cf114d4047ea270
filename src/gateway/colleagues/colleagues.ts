// Who works here: everybody who signs in is known by their name and roles, so that work can be given to them.

import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Principal } from "../identity/principal.ts";
import {
  type Colleague,
  keepColleague,
  readColleagues,
  type SeenColleague,
  selectSeen,
  withoutRoles,
} from "./store.ts";

const HOUR_MS = 3_600_000;
/** Whoever was not here for so long is given no work. */
const KNOWN_MS = 30 * 24 * HOUR_MS;
const MOST_REMEMBERED = 10_000;

export type Colleagues = {
  /** Notes that somebody is here, at most once an hour unless their roles changed. */
  note(principal: Principal): Promise<void>;
  /** Notes it in any case: somebody begins anew, whatever was noted of them before. */
  arrived(principal: Principal): Promise<void>;
  /** Their issuer stands for them no longer: they have no role until they come again. */
  departed(id: string): Promise<void>;
  /** Those who were here within the last thirty days, by name. */
  list(): Promise<readonly Colleague[]>;
  /** All who were ever here, by name: those behind the one of an id, at most so many. */
  everSeen(behind: string | undefined, most: number): Promise<readonly SeenColleague[]>;
};

/** Opens the people of a database; any number of nodes may. */
export function openColleagues({ db, clock }: { readonly db: Db; readonly clock: Clock }): Colleagues {
  const noted = new Map<string, { readonly roles: string; readonly tillMs: number }>();
  const arrived = async ({ kind, id, name, roles }: Principal): Promise<void> => {
    if (kind !== "user") return;
    if (noted.size >= MOST_REMEMBERED) noted.clear();
    noted.set(id, { roles: told(roles), tillMs: clock.now() + HOUR_MS });
    try {
      await keepColleague(db, { id, name, roles }, new Date(clock.now()));
    } catch (thrown) {
      noted.delete(id);
      throw thrown;
    }
  };
  return {
    async note(principal) {
      const known = noted.get(principal.id);
      if (known?.roles !== told(principal.roles) || known.tillMs <= clock.now()) await arrived(principal);
    },
    arrived,
    async departed(id) {
      noted.delete(id);
      await withoutRoles(db, id);
    },
    list: () => readColleagues(db, new Date(clock.now() - KNOWN_MS)),
    everSeen: (behind, most) => selectSeen(db, behind, most),
  };
}

const told = (roles: readonly string[]): string => roles.toSorted().join(" ");
