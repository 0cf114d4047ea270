-- Backbone: topics, durable subscriptions, and what became of each message that did not go through at once.

create schema backbone;
grant usage on schema backbone to lockgate_app, lockgate_auditor;

create table backbone.topic (
  id smallint generated always as identity primary key,
  name text not null unique
);

-- A message on a topic. Rows are written once and never changed; retention drops whole blocks.
create table backbone.log (
  position bigint not null default nextval('kernel.position'),
  topic smallint not null,
  partition smallint not null,      -- hash of the session, or of the position where there is none
  session text,                     -- messages of one session are handled in order
  journey_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  attributes jsonb not null,        -- the CloudEvents attributes that no column carries
  body bytea not null,
  primary key (topic, partition, position)  -- the reader: one partition of a topic from a position on
) partition by range (position);

-- Blocks of 2^20 positions, created ahead of need and dropped when old and read.
create function backbone.extend(ahead integer) returns void
  language plpgsql security definer set search_path = pg_catalog
  as $$
  declare
    block bigint;
    current_block bigint := (select last_value from kernel.position) >> 20;
  begin
    perform pg_advisory_xact_lock(19527, 2);
    for block in current_block .. current_block + ahead loop
      if to_regclass(format('backbone.log_%s', block)) is null then
        execute format('create table backbone.log_%s partition of backbone.log for values from (%s) to (%s)',
          block, block << 20, (block + 1) << 20);
        execute format('grant select, insert on backbone.log_%s to lockgate_app', block);
      end if;
    end loop;
  end $$;

-- Moves on to a fresh block where the current one was begun longer than `every` ago, so that blocks can be dropped by age.
create function backbone.roll(every interval) returns boolean
  language plpgsql security definer set search_path = pg_catalog
  as $$
  declare
    block bigint := (select last_value from kernel.position) >> 20;
    begun timestamptz;
  begin
    perform pg_advisory_xact_lock(19527, 2);
    execute format('select min(at) from backbone.log where position >= %s and position < %s', block << 20, (block + 1) << 20) into begun;
    if begun is null or begun > now() - every then return false; end if;
    perform backbone.extend(2);
    perform setval('kernel.position', greatest((select last_value from kernel.position), (block + 1) << 20));
    return true;
  end $$;

create table backbone.subscription (
  name text primary key,
  topic smallint not null references backbone.topic,
  paused_reason text                -- not null: nothing new is taken up
);

-- How far a subscription has got in each partition, and which consumer may move it.
create table backbone.cursor (
  subscription text not null references backbone.subscription,
  partition smallint not null,
  position bigint not null,
  owner uuid,
  epoch integer not null default 0, -- raised at each change of owner; a commit under an older epoch is refused
  primary key (subscription, partition)
) with (fillfactor = 40);

-- A node that takes part in a subscription; its lease covers all partitions it owns.
create table backbone.consumer (
  subscription text not null,
  node uuid not null,
  lease_till timestamptz not null,
  primary key (subscription, node)
) with (fillfactor = 40);

-- A message that did not go through at once, with a copy of its content so that retention cannot take it away.
--   waiting   → tried at next_at, once no earlier message of its session is waiting or dead
--   dead      → stopped with a reason; later messages of its session wait behind it
--                 replayed by a person → waiting; dismissed by a person → dismissing
--   dismissing → its node lets the session go on → dismissed
--   dismissed → kept for the record, holds up nothing
create table backbone.parked (
  subscription text not null references backbone.subscription,
  partition smallint not null,
  position bigint not null,
  session text,
  state text not null check (state in ('waiting', 'dead', 'dismissing', 'dismissed')),
  attempt integer not null,         -- attempts made so far
  next_at timestamptz not null,
  reason text,                      -- error code of the last failure
  description text,
  parked_at timestamptz not null default clock_timestamp(),
  journey_id uuid not null,
  at timestamptz not null,
  attributes jsonb not null,
  body bytea not null,
  primary key (subscription, position)
);
-- Due heads of sessions, oldest first.
create index parked_due on backbone.parked (subscription, next_at) where state in ('waiting', 'dismissing');
-- Is there an earlier one of the same session?
create index parked_session on backbone.parked (subscription, session, position) where state in ('waiting', 'dead', 'dismissing');
-- What is kept for a journey.
create index parked_journey on backbone.parked (journey_id);

create table backbone.scheduled (
  id uuid primary key,
  due_at timestamptz not null,
  topic smallint not null references backbone.topic,
  partition smallint not null,
  session text,
  journey_id uuid not null,
  attributes jsonb not null,
  body bytea not null
);
create index scheduled_due on backbone.scheduled (due_at);

-- Duplicate detection: the first publisher of an id within the window wins.
create table backbone.duplicate (
  topic smallint not null references backbone.topic,
  dedup_id text not null,
  expires_at timestamptz not null,
  primary key (topic, dedup_id)
);
create index duplicate_expiry on backbone.duplicate (expires_at);

-- Unread messages of a topic after a position in each partition, at most so many of each and none above the horizon. The
-- horizon is found before the rows are looked for: a volatile function takes a fresh snapshot for each of its statements.
-- Bodies over `inline_bytes` come as null, to be read when their turn comes. Blocks that are still empty tempt the planner
-- into scanning them all and sorting; the index is always right here.
create function backbone.read(of smallint, partitions smallint[], positions bigint[], per_partition integer, inline_bytes integer)
  returns table ("position" bigint, "partition" smallint, session text, journey_id uuid, at timestamptz, attributes jsonb, body bytea)
  language plpgsql volatile set enable_seqscan = off
  as $$
  #variable_conflict use_column
  declare
    up_to bigint := kernel.horizon();
  begin
    return query
      select m.* from unnest(partitions, positions) as c(partition, position)
      cross join lateral (
        select l.position, l.partition, l.session, l.journey_id, l.at, l.attributes,
          case when octet_length(l.body) <= inline_bytes then l.body end
        from backbone.log l
        where l.topic = of and l.partition = c.partition and l.position > c.position and l.position <= up_to
        order by l.position limit per_partition) m;
  end $$;

-- Moves cursors under their epochs, or raises LG001 when any of them has a new owner.
create function backbone.advance(of text, partitions smallint[], positions bigint[], epochs integer[]) returns void
  language plpgsql
  as $$
  declare
    moved integer;
  begin
    update backbone.cursor c set position = greatest(c.position, m.position)
      from unnest(partitions, positions, epochs) as m(partition, position, epoch)
      where c.subscription = of and c.partition = m.partition and c.epoch = m.epoch;
    get diagnostics moved = row_count;
    if moved <> cardinality(partitions) then
      raise exception 'lease lost' using errcode = 'LG001';
    end if;
  end $$;

-- Drops blocks whose newest message is older than `keep` and that every subscription has read to the end.
create function backbone.expire(keep interval) returns integer
  language plpgsql security definer set search_path = pg_catalog
  as $$
  declare
    block record;
    newest timestamptz;
    unread boolean;
    dropped integer := 0;
  begin
    perform pg_advisory_xact_lock(19527, 2);
    for block in
      select c.relname, substring(c.relname from 5)::bigint as number
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'backbone.log'::regclass order by 2
    loop
      exit when block.number >= (select last_value from kernel.position) >> 20;
      execute format('select max(at) from backbone.%I', block.relname) into newest;
      if newest is not null and newest > now() - keep then continue; end if;
      execute format('select exists (select from backbone.subscription s join backbone.cursor c on c.subscription = s.name
        join backbone.%I l on l.topic = s.topic and l.partition = c.partition and l.position > c.position)', block.relname) into unread;
      if unread then continue; end if;
      execute format('drop table backbone.%I', block.relname);
      dropped := dropped + 1;
    end loop;
    return dropped;
  end $$;

grant select, insert on backbone.topic, backbone.log to lockgate_app;
grant select, insert, update on backbone.subscription, backbone.cursor, backbone.parked to lockgate_app;
grant delete on backbone.parked to lockgate_app;
grant select, insert, update, delete on backbone.consumer, backbone.scheduled, backbone.duplicate to lockgate_app;
grant select on all tables in schema backbone to lockgate_auditor;
revoke execute on all functions in schema backbone from public;
grant execute on all functions in schema backbone to lockgate_app;

select backbone.extend(4);
