// Code maps as the platform looks codes up and people map them: each change kept for ever and audited in its own commit.

import { append } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import * as store from "./store.ts";
import type { CodeChange, CodeKey, Codes } from "./types.ts";

/** Who maps what a site brings along. */
const INSTALLER = "lockgate";

/** Opens the code maps of a database. */
export function openCodes({ db, clock }: { readonly db: Db; readonly clock: Clock }): Codes {
  const keep = async (tx: Tx, { map, ...key }: CodeKey, change: Pick<CodeChange, "target" | "replaced" | "by">) => {
    const at = new Date(clock.now());
    void store.insertMapping(tx, { map }, { ...key, ...change, at });
    const { by: actor, target, replaced } = change;
    const detail = { map, ...key, target, ...(replaced === null ? {} : { replaced }) };
    await append(tx, [{ at, part: "codes", name: "code.mapped", outcome: "ok", actor, detail }]);
    return { ...key, target, by: actor, at };
  };

  return {
    look: (keys) => store.readTargets(db, keys),
    list: (map, { search, behind, most }) => store.readMapped(db, map, search, behind, most),
    changes: (map, most) => store.readChanges(db, map, most),
    counts: async () => new Map((await store.countMapped(db)).map(({ map, mapped }) => [map, mapped])),
    put: ({ target, replaces, ...key }, actor) =>
      db.transaction(async (tx) => {
        await store.lockSystem(tx, key);
        const replaced = (await store.readTargets(tx, [key]))[0] ?? null;
        if (replaced !== replaces) throw new LockgateError("PRECONDITION_FAILED", { at: "replaces" });
        return keep(tx, key, { target, replaced, by: actor });
      }),
    install: (map, system, targets) =>
      db.transaction(async (tx) => {
        await store.lockSystem(tx, { map, system });
        const keys = Object.keys(targets).map((code) => ({ map, system, code }));
        const known = await store.readTargets(tx, keys);
        for (const [nth, key] of keys.entries())
          if (known[nth] === undefined)
            await keep(tx, key, { target: targets[key.code]!, replaced: null, by: INSTALLER });
      }),
  };
}
