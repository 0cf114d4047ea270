// All SQL of code maps.

import type { Queryable, Tx } from "#kernel/db";
import type { CodeChange, CodeKey, MappedCode } from "./types.ts";

/** What codes stand for, in their order. */
export async function readTargets(db: Queryable, keys: readonly CodeKey[]): Promise<(string | undefined)[]> {
  const rows = await db.query<{ target: string | null }>({
    name: "codes.targets",
    text: `select (select m.target from codes.mapping m where m.map = k.map and m.system = k.system and m.code = k.code
        order by m.number desc limit 1) as target
      from unnest($1::text[], $2::text[], $3::text[]) with ordinality as k (map, system, code, nth) order by k.nth`,
    values: [keys.map(({ map }) => map), keys.map(({ system }) => system), keys.map(({ code }) => code)],
  });
  return rows.map(({ target }) => target ?? undefined);
}

/** Codes of a map behind a place; `search` is a part of the code or of its target. */
export const readMapped = (
  db: Queryable,
  map: string,
  search: string | undefined,
  behind: Omit<CodeKey, "map"> | undefined,
  most: number,
): Promise<MappedCode[]> =>
  db.query<MappedCode>({
    text: `select system, code, target, by, at from (
        select distinct on (system, code) system, code, target, by, at from codes.mapping
        where map = $1 and ($3::text is null or (system, code) > ($3, $4)) order by system, code, number desc) as current
      where $2::text is null or strpos(lower(code), lower($2)) > 0 or strpos(lower(target), lower($2)) > 0
      order by system, code limit $5`,
    values: [map, search ?? null, behind?.system ?? null, behind?.code ?? null, most],
  });

export const readChanges = (db: Queryable, map: string, most: number): Promise<CodeChange[]> =>
  db.query<CodeChange>({
    text: "select system, code, target, replaced, by, at from codes.mapping where map = $1 order by number desc limit $2",
    values: [map, most],
  });

export const countMapped = (db: Queryable): Promise<{ map: string; mapped: number }[]> =>
  db.query("select map, count(distinct (system, code))::int as mapped from codes.mapping group by map");

/** One change of a map's codes of one system at a time, for the rest of the transaction. */
export const lockSystem = (tx: Tx, { map, system }: Omit<CodeKey, "code">): Promise<unknown> =>
  tx.query({ text: "select pg_advisory_xact_lock(hashtext('codes ' || $1), hashtext($2))", values: [map, system] });

export const insertMapping = (tx: Tx, { map }: Pick<CodeKey, "map">, change: CodeChange): Promise<unknown> =>
  tx.query({
    text: "insert into codes.mapping (map, system, code, target, replaced, by, at) values ($1, $2, $3, $4, $5, $6, $7)",
    values: [map, change.system, change.code, change.target, change.replaced, change.by, change.at],
  });
