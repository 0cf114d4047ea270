-- The same with less work: readers and housekeeping of the log look at no more rows than they need, and rows are stored as
-- suits what becomes of them.

-- Unread messages after a position in each of some partitions of some topics, at most so many of each; `place` says whose.
-- One above the horizon, which a transaction still under way holds down, comes as a row of nothing but its place and
-- partition: to be looked for again in a moment. The horizon is found before the rows are looked for: a volatile function
-- takes a fresh snapshot for each of its statements. Bodies over `inline_bytes` come as null, to be read when their turn
-- comes. Blocks that are still empty tempt the planner into scanning them all and sorting; the index is always right here,
-- and the last position spares it the empty ones.
create function backbone.unread(
    places integer[], topics smallint[], partitions smallint[], positions bigint[], per_partition integer, inline_bytes integer)
  returns table (place integer, "position" bigint, "partition" smallint, session text, journey_id uuid, at timestamptz, attributes jsonb, body bytea)
  language plpgsql volatile set enable_seqscan = off
  as $$
  #variable_conflict use_column
  declare
    up_to bigint := kernel.horizon();
    last bigint := (select last_value from kernel.position);
  begin
    return query
      select c.place, case when m.is_settled then m.position end, m.partition, case when m.is_settled then m.session end,
        case when m.is_settled then m.journey_id end, case when m.is_settled then m.at end,
        case when m.is_settled then m.attributes end,
        case when m.is_settled and octet_length(m.body) <= inline_bytes then m.body end
      from unnest(places, topics, partitions, positions) as c(place, topic, partition, position)
      cross join lateral (
        select l.*, l.position <= up_to as is_settled
        from backbone.log l
        where l.topic = c.topic and l.partition = c.partition and l.position > c.position and l.position <= last
        order by l.position limit per_partition) m;
  end $$;
drop function backbone.read(smallint, smallint[], bigint[], integer, integer);

-- As before, but the age of the current block is that of its first row as stored: rows are only ever added, so that is its
-- oldest but for what was written beside it.
create or replace function backbone.roll(every interval) returns boolean
  language plpgsql security definer set search_path = pg_catalog set enable_seqscan = on set enable_indexscan = off
  as $$
  declare
    block bigint := (select last_value from kernel.position) >> 20;
    begun timestamptz;
  begin
    perform pg_advisory_xact_lock(19527, 2);
    execute format('select at from backbone.log_%s limit 1', block) into begun;
    if begun is null or begun > now() - every then return false; end if;
    perform backbone.extend(2);
    perform setval('kernel.position', greatest((select last_value from kernel.position), (block + 1) << 20));
    return true;
  end $$;

-- As before, but the newest message of a block is looked for on its last pages.
create or replace function backbone.expire(keep interval) returns integer
  language plpgsql security definer set search_path = pg_catalog
  as $$
  declare
    block record;
    last_pages tid;
    newest timestamptz;
    unread boolean;
    dropped integer := 0;
  begin
    perform pg_advisory_xact_lock(19527, 2);
    for block in
      select c.oid, c.relname, substring(c.relname from 5)::bigint as number
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'backbone.log'::regclass order by 3
    loop
      exit when block.number >= (select last_value from kernel.position) >> 20;
      last_pages := format('(%s,0)', greatest(pg_relation_size(block.oid) / current_setting('block_size')::bigint - 64, 0))::tid;
      execute format('select max(at) from backbone.%I where ctid >= %L', block.relname, last_pages) into newest;
      if newest is null then execute format('select max(at) from backbone.%I', block.relname) into newest; end if;
      if newest is not null and newest > now() - keep then continue; end if;
      execute format('select exists (select from backbone.subscription s join backbone.cursor c on c.subscription = s.name
        join backbone.%I l on l.topic = s.topic and l.partition = c.partition and l.position > c.position)', block.relname) into unread;
      if unread then continue; end if;
      execute format('drop table backbone.%I', block.relname);
      dropped := dropped + 1;
    end loop;
    return dropped;
  end $$;

revoke execute on function backbone.unread(integer[], smallint[], smallint[], bigint[], integer, integer) from public;
grant execute on function backbone.unread(integer[], smallint[], smallint[], bigint[], integer, integer) to lockgate_app;

-- What a step recorded is sealed: it does not compress, and a row of it stays whole up to the size of a page.
alter table saga.journal set (toast_tuple_target = 8160);
alter table saga.journal alter column result set storage external;

-- Every instance is changed at least once, soon after it was made: with room beside it no index has to be.
alter table saga.instance set (fillfactor = 55);
