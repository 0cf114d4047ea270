// SQL of the index of persons.

import type { KeptApart } from "#canonical/contracts";
import type { Queryable, Tx } from "#kernel/db";
import { packed } from "#kernel/packed";
import { readTogether } from "#kernel/read-together";
import type { Vault } from "#kernel/vault";
import { formPlaces } from "./form.ts";
import type { IndexKey } from "./index-keys.ts";

/** Whose candidates are wanted: the keys, whose they are if anybody's, and whether only those kept since a mark count. */
export type Wanted = {
  readonly keys: readonly IndexKey[];
  readonly personId?: string | undefined;
  readonly since?: string | undefined;
};

/** A person who shares a key. `isApart`: a steward said that it is never the one who is asked for. */
export type Holder = { readonly personId: string; readonly line: string; readonly isApart: boolean };

/** Those who share a key with `wanted`, in the state `mark`. */
export type Holders = { readonly wanted: Wanted; readonly mark: string; readonly holders: readonly Holder[] };

type Row = { mark: string; place: number | null; personId: string; line: Buffer; isApart: boolean };

const LINE = "matching.person.prepared";
const opened = (vault: Vault, personId: string, line: Buffer): string => vault.open(line, LINE, personId).toString();

/** Holders of the keys of each; those of a key that too many share are left out, of that key alone. */
export async function readHolders(db: Queryable, all: readonly Wanted[]): Promise<Holders[]> {
  const keys = all.flatMap((wanted, place) => wanted.keys.map(({ key, most }) => ({ place, key, most })));
  const areKnown = all.some(({ personId }) => personId !== undefined);
  const rows = await db.query<Row>({
    name: areKnown ? "matching.holders-but" : "matching.holders",
    text: areKnown ? holdersBut : holdersOf,
    values: [
      keys.map(({ place }) => place),
      db.vault.blind(keys.map(({ key }) => key)),
      keys.map(({ most }) => most),
      ...(areKnown ? [all.map(({ personId }) => personId ?? null), all.map(({ since }) => since ?? null)] : []),
    ],
  });
  const found = all.map((wanted) => ({ wanted, mark: rows[0]!.mark, holders: [] as Holder[] }));
  for (const { place, personId, line, isApart } of rows)
    if (place !== null) found[place]!.holders.push({ personId, line: opened(db.vault, personId, line), isApart });
  return found;
}

// Each key is read by itself and only as far as it may count: a key that many share costs no more than any other.
const held = `select distinct k.place, h.person_id
    from unnest($1::integer[], $2::bigint[], $3::integer[]) as k(place, key, most)
    cross join lateral (
      select array_agg(f.person_id) as ids
      from (select person_id from matching.key where key = k.key limit k.most + 1) f
      having count(*) <= k.most
    ) g
    cross join lateral unnest(g.ids) as h(person_id)`;
// Each by the index: the plan of a join is kept from when there were few persons, and would read all of them.
const person = "cross join lateral (select * from matching.person where person_id = s.person_id offset 0) p";
const state = "(select pg_current_snapshot()::text as mark) m";

const holdersOf = `select m.mark, c.place, c.person_id as "personId", c.line, false as "isApart"
  from ${state} left join (
    select s.place, s.person_id, p.prepared as line from (${held}) s ${person}
  ) c on true`;

// What a transaction of an earlier life of the database kept, before it was copied here, is not new either.
const holdersBut = `select m.mark, c.place, c.person_id as "personId", c.line, c.is_apart as "isApart"
  from ${state} left join (
    select s.place, s.person_id, p.prepared as line, a.is_apart is not null as is_apart
    from (${held}) s
    cross join lateral (select ($4::uuid[])[s.place + 1] as self, ($5::text[])[s.place + 1]::pg_snapshot as since) w
    ${person}
    left join lateral (
      select true as is_apart from matching.apart
      where one_id = least(w.self, s.person_id) and other_id = greatest(w.self, s.person_id) limit 1
    ) a on true
    where s.person_id is distinct from w.self and (w.since is null
      or not pg_visible_in_snapshot(p.kept_in, w.since) and p.kept_in < pg_snapshot_xmax(pg_current_snapshot()))
  ) c on true`;

const readTogetherInLane = readTogether(readHolders);

/**
 * As `readHolders`, of one; those who ask at one time travel together. Two statements are under way at once, so that this
 * process judges what the one brought while the server runs the other.
 */
export function holdersReader(db: Queryable): (wanted: Wanted) => Promise<Holders> {
  const lanes = [0, 1].map(
    (): Queryable => ({
      vault: db.vault,
      query: (statement) => db.query(statement),
    }),
  );
  let asked = 0;
  return async (wanted) => {
    asked += 1;
    const found = await readTogetherInLane(lanes[asked % lanes.length]!, wanted);
    return found.find((one) => one.wanted === wanted)!;
  };
}

const MOST_COUNTED = 20;

/** Whose others are counted: by which keys, and who does not count. */
type Counted = { readonly keys: readonly number[]; readonly personId: string };

/** How many others hold one of these keys, up to 20; those of many keys are counted once for each. */
export async function countHolders(db: Queryable, keys: readonly number[], personId: string): Promise<number> {
  const counted = { keys, personId };
  const found = await holdersCounted(db, counted);
  return Math.min(MOST_COUNTED, found.find((one) => one.counted === counted)?.holders ?? 0);
}

const holdersCounted = readTogether(async ({ query, vault }, all: readonly Counted[]) => {
  const keys = all.flatMap((counted, place) => counted.keys.map((key) => ({ place, key, personId: counted.personId })));
  const rows = await query<{ place: number; holders: number }>({
    name: "matching.count-holders",
    text: `select k.place, count(h.person_id)::integer as holders
      from unnest($1::integer[], $2::bigint[], $3::uuid[]) as k(place, key, person_id)
      cross join lateral (
        select person_id from matching.key where key = k.key and person_id <> k.person_id limit ${MOST_COUNTED}
      ) h
      group by k.place`,
    values: [
      keys.map(({ place }) => place),
      vault.blind(keys.map(({ key }) => key)),
      keys.map(({ personId }) => personId),
    ],
  });
  return rows.map(({ place, holders }) => ({ counted: all[place]!, holders }));
});

// Two classes of locks: one for the index as a whole, one for its keys.
const WHOLE = 19533;
const KEY = 19534;

/**
 * Waits until nobody else keeps new persons under these numbers; till the end of the transaction.
 * @param numbers in ascending order, so that no two wait for each other
 */
export async function lockKeys(tx: Tx, numbers: readonly number[]): Promise<void> {
  void tx.query({ name: "matching.share", text: `select pg_advisory_xact_lock_shared(${WHOLE}, 0)` });
  await tx.query({
    name: "matching.lock",
    text: `select pg_advisory_xact_lock(${KEY}, number) from unnest($1::integer[]) as n(number)`,
    values: [numbers],
  });
}

/** Waits until nobody else keeps new persons at all: for so many that their locks would fill the server's table. */
export const lockWhole = (tx: Tx): Promise<unknown> =>
  tx.query({ name: "matching.lock-whole", text: `select pg_advisory_xact_lock(${WHOLE}, 0)` });

/** A person as it is to be kept. */
export type Keeping = { readonly personId: string; readonly line: string; readonly keys: readonly IndexKey[] };

/** Keeps persons as they are now; those who are kept so already are not touched. */
export function keepLines(tx: Tx, rows: readonly Keeping[]): Promise<unknown> {
  const { bytes, offsets, sizes } = packed(rows.map(({ personId, line }) => tx.vault.seal(line, LINE, personId)));
  return tx.query({
    name: "matching.keep",
    text: `with said as (
        select person_id, substring($2::bytea from "offset" for size) as prepared, keys::bigint[] as keys, digest
          from unnest(string_to_array($1, ',')::uuid[], $3::text[], $4::text[], $5::integer[], $6::integer[])
            as s(person_id, keys, digest, "offset", size)),
      added as (insert into matching.person (person_id, prepared, keys, digest) select * from said
        on conflict do nothing returning person_id, keys, '{}'::bigint[] as before),
      moved as (select p.person_id, p.keys from matching.person p join said s using (person_id)
        where p.digest <> s.digest or p.keys <> s.keys order by p.person_id for update of p),
      changed as (update matching.person p set prepared = s.prepared, digest = s.digest, keys = s.keys, kept_in = pg_current_xact_id()
        from moved m join said s using (person_id) where p.person_id = m.person_id
        returning p.person_id, p.keys, m.keys as before),
      gone as (delete from matching.key k using (
          select c.person_id, b.key from changed c cross join lateral unnest(c.before) as b(key) where b.key <> all(c.keys)) o
        where k.key = o.key and k.person_id = o.person_id)
      insert into matching.key (key, person_id)
        select n.key, c.person_id from (select * from added union all select * from changed) c
        cross join lateral unnest(c.keys) as n(key) where n.key <> all(c.before)
      on conflict do nothing`,
    values: [
      rows.map(({ personId }) => personId).join(","),
      bytes,
      rows.map(({ keys }) => `{${tx.vault.blind(keys.map(({ key }) => key)).join(",")}}`),
      rows.map(({ line }) => tx.vault.seek(line, "matching line")),
      offsets,
      sizes,
    ],
  });
}

/** Persons that are found no more. */
export const dropLines = (tx: Tx, personIds: readonly string[]): Promise<unknown> =>
  tx.query({
    name: "matching.drop",
    text: `with gone as (delete from matching.person where person_id = any($1) returning person_id, keys)
      delete from matching.key k using (select person_id, unnest(keys) as key from gone) g
        where k.key = g.key and k.person_id = g.person_id`,
    values: [personIds],
  });

export const insertApart = (tx: Tx, { oneId, otherId, by, journeyId }: KeptApart): Promise<unknown> =>
  tx.query({
    name: "matching.keep-apart",
    text: `insert into matching.apart (one_id, other_id, by, journey_id)
      values (least($1::uuid, $2::uuid), greatest($1::uuid, $2::uuid), $3, $4) on conflict do nothing`,
    values: [oneId, otherId, by, journeyId],
  });

/** About how many persons there are; 0 until the server has counted them for the first time. */
export async function estimatePersons(db: Queryable): Promise<number> {
  const [row] = await db.query<{ persons: number }>(
    "select greatest(reltuples, 0) as persons from pg_class where oid = 'matching.person'::regclass",
  );
  return row!.persons;
}

/** How often a value was seen in a sample; with an empty value, how many of the sample have any. */
export type SampledValue = {
  readonly kind: "given" | "family" | "town";
  readonly value: string;
  readonly count: number;
};

/** Lines that are opened before others get their turn. */
const linesPerTurn = 1_000;

/** Values that more than one of the sample have. @param percent how much of all is sampled, always the same part */
export async function sampleValues(db: Queryable, percent: number): Promise<SampledValue[]> {
  const rows = await db.query<{ personId: string; line: Buffer }>({
    name: "matching.sample",
    text: `select person_id as "personId", prepared as line from matching.person tablesample system ($1) repeatable (1)`,
    values: [percent],
  });
  const counts = {
    given: new Map<string, number>(),
    family: new Map<string, number>(),
    town: new Map<string, number>(),
  };
  for (const [index, { personId, line }] of rows.entries()) {
    if (index % linesPerTurn === linesPerTurn - 1) await new Promise((resolve) => setImmediate(resolve));
    const cells = opened(db.vault, personId, line).split("\t");
    const values = {
      given: cells[formPlaces.given - 1]!.split(" ")[0]!,
      family: cells[formPlaces.family - 1]!.replaceAll(" ", ""),
      town: cells[formPlaces.town - 1]!,
    };
    for (const kind of kinds)
      if (values[kind] !== "") counts[kind].set(values[kind], (counts[kind].get(values[kind]) ?? 0) + 1);
  }
  return kinds.flatMap((kind) => {
    const total = counts[kind].values().reduce((sum, count) => sum + count, 0);
    if (total === 0) return [];
    const common = Array.from(counts[kind], ([value, count]) => ({ kind, value, count })).filter(
      ({ count }) => count > 1,
    );
    return [...common, { kind, value: "", count: total }];
  });
}

const kinds = ["given", "family", "town"] as const;
