// All SQL of the audit's writer. Rows are inserted and read; nothing is ever updated or deleted.

import type { Queryable, Tx } from "#kernel/db";
import type { StoredCheckpoint, Tile } from "./types.ts";

/** A leaf row as the tree sees it. */
export type LeafRow = { readonly position: number; readonly body: string };

/** Inserts leaves in the order given. Canonical JSON holds no raw newline and a UUID no comma, so each list is one text. */
export function insertLeaves(tx: Tx, journeyIds: readonly string[], bodies: readonly string[]): Promise<unknown> {
  return tx.query({
    name: "audit.append",
    text: `insert into audit.leaf (journey_id, body)
           select * from unnest(string_to_array($1, ',', '')::uuid[], string_to_array($2, E'\\n'))`,
    values: [journeyIds.join(","), bodies.join("\n")],
  });
}

/** The leaves of journeys, in order. */
export const leavesOfJourneys = (
  db: Queryable,
  journeyIds: readonly string[],
): Promise<(LeafRow & { readonly journeyId: string })[]> =>
  db.query({
    name: "audit.journeys",
    text: `select journey_id as "journeyId", position, body from audit.leaf where journey_id = any($1) order by position`,
    values: [journeyIds],
  });

/** Of the leaves of journeys, those that open or end a strand of theirs: told from the text, which is canonical. */
export const strandLeavesOfJourneys = (
  db: Queryable,
  journeyIds: readonly string[],
): Promise<(LeafRow & { readonly journeyId: string })[]> =>
  db.query({
    name: "audit.strands",
    text: `select journey_id as "journeyId", position, body from audit.leaf
           where journey_id = any($1)
             and (strpos(body, '"ends":true') > 0 or strpos(body, '"opens":') > 0 or strpos(body, '"dead-letter.dismissed"') > 0)
           order by position`,
    values: [journeyIds],
  });

/** At most `limit` leaves with `after` < position <= `upTo`, in order. */
export const leavesBetween = (db: Queryable, after: number, upTo: number, limit: number): Promise<LeafRow[]> =>
  db.query({
    name: "audit.leaves",
    text: "select position, body from audit.leaf where position > $1 and position <= $2 order by position limit $3",
    values: [after, upTo, limit],
  });

/** What the body of a leaf has to hold, and before which instant it has to be, as bodies write both; at least these are read. */
export type Likely = { readonly texts: readonly [string, string]; readonly until: string | undefined };

/** Of the last so many leaves before a position the likely ones and the oldest, newest first; `seen`: how many leaves those were. */
export const selectStretch = (
  db: Queryable,
  before: number,
  most: number,
  { texts, until }: Likely,
): Promise<(LeafRow & { readonly seen: number })[]> =>
  db.query({
    name: "audit.stretch",
    text: `with stretch as materialized (
        select position, body from audit.leaf where position < $1 order by position desc limit $2
      ), edge as (select count(*)::int as seen, min(position) as oldest from stretch)
      select position, body, seen from stretch, edge
      where position = oldest or (strpos(body, $3) > 0 and strpos(body, $4) > 0
        and ($5::text is null or substring(body from '"at":"([^"]+)"') collate "C" < $5))
      order by position desc`,
    values: [before, most, ...texts, until],
  });

/** How many leaves lie with `after` < position < `before`. */
export async function countLeaves(db: Queryable, after: number, before: number): Promise<number> {
  const [row] = await db.query<{ count: number }>({
    name: "audit.count",
    text: "select count(*) as count from audit.leaf where position > $1 and position < $2",
    values: [after, before],
  });
  return row!.count;
}

/** The checkpoint with the largest size. */
export async function selectLatestCheckpoint(db: Queryable): Promise<StoredCheckpoint | undefined> {
  const [row] = await db.query<StoredCheckpoint>({
    name: "audit.latest",
    text: `select size, last_position as "lastPosition", note, at from audit.checkpoint order by size desc limit 1`,
  });
  return row;
}

/** Inserts a checkpoint and returns the note now stored under its size: this one, or that of whoever came first. */
export async function insertCheckpoint(db: Queryable, checkpoint: StoredCheckpoint): Promise<string> {
  const { size, lastPosition, note, at } = checkpoint;
  await db.query({
    name: "audit.checkpoint",
    text: `insert into audit.checkpoint (size, last_position, note, at) values ($1, $2, $3, $4) on conflict do nothing`,
    values: [size, lastPosition, note, at],
  });
  const [row] = await db.query<{ note: string }>({
    text: "select note from audit.checkpoint where size = $1",
    values: [size],
  });
  return row!.note;
}

const TILE = `level, tile_index as index, first_position as "firstPosition", last_position as "lastPosition", root`;

/** Inserts tiles where they are missing; returns how many were. Two writers insert in the same order, so neither waits in a circle. */
export async function insertTiles(db: Queryable, tiles: readonly Tile[]): Promise<number> {
  const rows = await db.query({
    name: "audit.tiles",
    text: `insert into audit.tile (level, tile_index, first_position, last_position, root, hashes)
           select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[])
           on conflict do nothing returning 1`,
    values: [
      tiles.map((tile) => tile.level),
      tiles.map((tile) => tile.index),
      tiles.map((tile) => tile.firstPosition),
      tiles.map((tile) => tile.lastPosition),
      tiles.map((tile) => tile.root),
      tiles.map((tile) => tile.hashes),
    ],
  });
  return rows.length;
}

/** The stored tiles of those wanted, in any order. */
export const selectTiles = (db: Queryable, wanted: readonly Pick<Tile, "level" | "index">[]): Promise<Tile[]> =>
  db.query({
    name: "audit.tiles.read",
    text: `select ${TILE}, hashes from audit.tile
           where (level, tile_index) in (select * from unnest($1::smallint[], $2::bigint[]))`,
    values: [wanted.map((tile) => tile.level), wanted.map((tile) => tile.index)],
  });

/** Tiles of a level from index `from` up to but not including `to`, in order and without their hashes. */
export const selectTileRoots = (
  db: Queryable,
  level: number,
  from: number,
  to: number,
): Promise<Omit<Tile, "hashes">[]> =>
  db.query({
    name: "audit.roots",
    text: `select ${TILE} from audit.tile where level = $1 and tile_index >= $2 and tile_index < $3 order by tile_index`,
    values: [level, from, to],
  });

/** The full tile of leaf hashes that holds the leaf at `position`. */
export async function selectTileHolding(db: Queryable, position: number): Promise<Omit<Tile, "hashes"> | undefined> {
  const [row] = await db.query<Omit<Tile, "hashes">>({
    name: "audit.holding",
    text: `select ${TILE} from audit.tile where level = 0 and last_position >= $1 order by last_position limit 1`,
    values: [position],
  });
  return row;
}

/** The last full tile of leaf hashes. */
export async function selectLastTile(db: Queryable): Promise<Omit<Tile, "hashes"> | undefined> {
  const [row] = await db.query<Omit<Tile, "hashes">>({
    name: "audit.last-tile",
    text: `select ${TILE} from audit.tile where level = 0 order by tile_index desc limit 1`,
  });
  return row;
}
