-- Kernel: the order in which everything durable happens.

create schema kernel;
grant usage on schema kernel to lockgate_app, lockgate_auditor;

-- One sequence numbers messages and audit leaves alike. It starts used, so that a lock numbered by its
-- current value is always lower than any value drawn afterwards.
create sequence kernel.position as bigint;
select setval('kernel.position', 1, true);
grant usage, select on sequence kernel.position to lockgate_app;
grant select on sequence kernel.position to lockgate_auditor;

-- A transaction that will draw positions calls this first. It holds, until it ends, a shared advisory lock
-- numbered by the sequence's current value: every position it draws is higher than its lock.
-- The class 0x4C47 ("LG") in the high 16 bits keeps these locks apart from any other advisory lock.
create function kernel.enter() returns void
  language sql volatile
  as $$ select pg_advisory_xact_lock_shared((19527::bigint << 48) | (select last_value from kernel.position)) $$;

-- The highest position at or below which every transaction has ended, committed or not.
-- The last value is read before the locks: a transaction that enters between the two reads draws positions above it.
-- Read rows in a later statement: this one's snapshot is too old for them.
create function kernel.horizon() returns bigint
  language plpgsql volatile
  as $$
  declare
    last bigint;
    lowest bigint;
  begin
    select last_value into last from kernel.position;
    select min((classid::bigint << 32 | objid::bigint) & ((1::bigint << 48) - 1)) into lowest
      from pg_locks
      where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = 19527
        and database = (select oid from pg_database where datname = current_database());
    return least(last, coalesce(lowest, last));
  end $$;

-- Age of the oldest transaction that holds the horizon back, or null. An alarm watches it.
create function kernel.horizon_age() returns interval
  language sql volatile security definer set search_path = pg_catalog
  as $$
    select now() - min(a.xact_start)
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.objsubid = 1 and l.classid::bigint >> 16 = 19527
      and l.database = (select oid from pg_database where datname = current_database())
  $$;

revoke execute on all functions in schema kernel from public;
grant execute on all functions in schema kernel to lockgate_app, lockgate_auditor;
