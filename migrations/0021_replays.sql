-- Replays: many dead letters tried again as one durable job, at a set rate, by whichever node holds its lease.

--   previewed → its targets are fixed; nothing has been touched
--       ↓ started by a person who names the digest of exactly these targets
--   running ⇄ paused
--       ↓          ↘
--      done      cancelled   what was tried already goes its way; nothing more is taken up
create table backbone.replay (
  id uuid primary key,
  state text not null default 'previewed' check (state in ('previewed', 'running', 'paused', 'done', 'cancelled')),
  filter jsonb not null,
  digest bytea not null check (octet_length(digest) = 32),  -- of the targets in their order
  targets integer not null,
  previewed_by text not null,
  previewed_at timestamptz not null,
  started_by text,
  started_at timestamptz,
  per_second real check (per_second > 0),
  reason text,                        -- why, in the words of whoever started it
  ended_at timestamptz,
  owner uuid,                         -- the node that works it, while its lease lasts
  lease_till timestamptz,
  check ((state = 'previewed') = (started_at is null)),
  check ((started_at is null) = (per_second is null))
);
-- Is there a job to work?
create index replay_open on backbone.replay (id) where state in ('running', 'paused', 'cancelled') and ended_at is null;

-- One letter of a job.
--   pending → replayed → through     it was handled
--      │         └─────→ failed      it stopped again
--      ├──→ gone                     it was no dead letter any more when its turn came
--      └──→ left                     the job was cancelled before its turn
create table backbone.replay_item (
  replay_id uuid not null references backbone.replay on delete cascade,
  nth integer not null,               -- from 1, in the order of positions: sessions keep theirs
  subscription text not null,
  position bigint not null,
  journey_id uuid not null,
  code text,                          -- why it had stopped, when the targets were fixed
  state text not null default 'pending' check (state in ('pending', 'replayed', 'through', 'failed', 'gone', 'left')),
  replayed_at timestamptz,
  settled_at timestamptz,
  failed_code text,
  primary key (replay_id, nth)
) with (fillfactor = 70);
-- Whose turn is it?
create index replay_item_pending on backbone.replay_item (replay_id, nth) where state = 'pending';
-- Of which is it not known yet what became of it?
create index replay_item_replayed on backbone.replay_item (replay_id) where state = 'replayed';

-- Dead letters in the order of their positions, for a preview.
create index parked_dead on backbone.parked (position) where state = 'dead';

grant select, insert, update, delete on backbone.replay, backbone.replay_item to lockgate_app;
grant select on backbone.replay, backbone.replay_item to lockgate_auditor;
