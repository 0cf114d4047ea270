// Reads that handlers ask for one by one, side by side, travel together in one statement.

import type { Queryable } from "./db.ts";
import { LockgateError } from "./errors.ts";

/**
 * Asks once for everything that is wanted of one connection within a turn of the event loop, or while the answer before is
 * under way. Where the database refuses a value of it, or one of the answer does not open, each is asked for alone: whoever wants what cannot be read is in
 * nobody else's way.
 * @returns a read of one; each asker gets the whole answer and takes what is its own
 */
export function readTogether<Wanted, Found>(
  read: (db: Queryable, wanted: readonly Wanted[]) => Promise<readonly Found[]>,
): (db: Queryable, one: Wanted) => Promise<readonly Found[]> {
  const open = new WeakMap<Queryable, { wanted: Wanted[]; answer: Promise<readonly Found[]> }>();
  const underWay = new WeakMap<Queryable, Promise<unknown>>();
  return (db, one) => {
    let asking = open.get(db);
    if (!asking) {
      const wanted: Wanted[] = [];
      const turn = new Promise<void>((resolve) => setImmediate(resolve));
      const answer = Promise.all([turn, underWay.get(db)]).then(() => {
        open.delete(db);
        return read(db, wanted);
      });
      underWay.set(
        db,
        answer.catch(() => undefined),
      );
      asking = { wanted, answer };
      open.set(db, asking);
    }
    const { wanted, answer } = asking;
    wanted.push(one);
    return answer.catch((thrown: unknown) => {
      if (wanted.length > 1 && isRefusedValue(thrown)) return read(db, [one]);
      throw thrown;
    });
  };
}

const isRefusedValue = (thrown: unknown): boolean =>
  thrown instanceof LockgateError && (thrown.code === "DATABASE_REFUSED_VALUE" || thrown.code === "VAULT_BROKEN");
