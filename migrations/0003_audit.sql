-- Audit: leaves in the order of everything durable, the hash tiles over them, and the checkpoints signed for them.
-- Nothing here is ever updated or deleted; no role of the platform may do either.

create schema audit;
grant usage on schema audit to lockgate_app, lockgate_auditor;

-- A leaf is written in the transaction it records. Its place in the tree is its rank by position among all
-- leaves, so the tree is a pure function of these rows; `body` is the whole of what is hashed.
create table audit.leaf (
  position bigint primary key default nextval('kernel.position'),
  journey_id uuid,                  -- as in the body; here so that a journey can be found
  body text not null                -- canonical JSON (RFC 8785)
);
-- The leaves of one journey, in order.
create index leaf_journey on audit.leaf (journey_id, position) where journey_id is not null;

-- A full tile of C2SP tlog-tiles: 256 hashes at one level, written once when its last leaf is settled.
create table audit.tile (
  level smallint not null,
  tile_index bigint not null,
  first_position bigint not null,   -- positions of the first and last leaf below the tile
  last_position bigint not null,
  root bytea not null check (octet_length(root) = 32),       -- the tile's own hash, one entry of its parent
  hashes bytea not null check (octet_length(hashes) = 8192),
  primary key (level, tile_index)
);
-- Hashes do not compress.
alter table audit.tile alter column hashes set storage external;
-- The tile that holds the leaf at a position.
create unique index tile_position on audit.tile (level, last_position);

-- A signed statement of the tree's root at a size (C2SP tlog-checkpoint).
create table audit.checkpoint (
  size bigint primary key,
  last_position bigint not null,    -- of the last leaf under it
  note text not null,
  at timestamptz not null
);

grant select, insert on audit.leaf, audit.tile, audit.checkpoint to lockgate_app;
grant select on audit.leaf, audit.tile, audit.checkpoint to lockgate_auditor;
