-- Throttling: what each client has left of what it may ask of a product, one row for both, shared by all nodes.

create schema throttle;
grant usage on schema throttle to lockgate_app, lockgate_auditor;

-- A token bucket and a day's tally. The row changes at each lease, so its page keeps room for versions of it.
create table throttle.bucket (
  product text not null,
  subject text not null,              -- a machine, or a person at a client
  empty_at timestamptz not null,      -- when the bucket was or will be empty; it has filled since, up to its depth
  day date not null,                  -- UTC
  used bigint not null,               -- permits leased on that day, less those given back
  rate_noted_at timestamptz,          -- when the audit was last told that requests came too fast
  quota_noted_on date,                -- the last day on which the audit was told that the day's requests were used up
  primary key (product, subject)
) with (fillfactor = 25);

-- Leases permits from many buckets at once. `keys` MUST be sorted alike by all nodes, so that none waits for another in
-- a circle. `spacings` and `depths` in milliseconds: time that one permit takes to come, and that a whole bucket takes.
-- `settles` is what was spent without a lease, less what was leased and not spent; that is given back only to the day
-- it was taken from (`days`). `at` is null for the server's own clock.
-- Whatever happens, permits granted over any stretch of time are at most depth / spacing more than time / spacing, and
-- those of one day, less those given back, at most `quotas`; what was spent without a lease counts in both.
create function throttle.lease(
  products text[], subjects text[], wants integer[], settles bigint[], days date[],
  spacings double precision[], depths double precision[], quotas bigint[], at timestamptz)
  returns table (granted integer, "rateLeft" integer, "dayLeft" bigint, "dueMs" double precision, "today" text, "dayLeftMs" double precision)
  language plpgsql volatile
  as $$
  declare
    row throttle.bucket;
    now_at timestamptz;
    utc timestamp;
    level double precision;             -- permits in the bucket
  begin
    for i in 1 .. coalesce(array_length(products, 1), 0) loop
      select * into row from throttle.bucket b where b.product = products[i] and b.subject = subjects[i] for update;
      if not found then
        insert into throttle.bucket (product, subject, empty_at, day, used)
          values (products[i], subjects[i], '-infinity', '-infinity', 0) on conflict do nothing;
        select * into row from throttle.bucket b where b.product = products[i] and b.subject = subjects[i] for update;
      end if;
      -- Read only now that the row is ours, however long that took.
      now_at := coalesce(at, clock_timestamp());
      utc := now_at at time zone 'UTC';
      if row.day < utc::date then
        row.day := utc::date;
        row.used := 0;
      end if;
      row.empty_at := greatest(row.empty_at, now_at - make_interval(secs => depths[i] / 1000));
      if settles[i] > 0 then
        row.empty_at := row.empty_at + make_interval(secs => settles[i] * spacings[i] / 1000);
        row.used := row.used + settles[i];
      elsif days[i] = row.day then
        row.used := greatest(0, row.used + settles[i]);
      end if;
      -- Nobody waits longer for debts, or because the clock was put back, than a whole bucket takes.
      row.empty_at := least(row.empty_at, now_at + make_interval(secs => depths[i] / 1000));
      level := extract(epoch from now_at - row.empty_at) * 1000 / spacings[i];
      granted := greatest(0, least(wants[i], floor(level), quotas[i] - row.used));
      update throttle.bucket b set used = row.used + granted, day = row.day,
          empty_at = row.empty_at + make_interval(secs => granted * spacings[i] / 1000)
        where b.product = products[i] and b.subject = subjects[i];
      "rateLeft" := greatest(0, floor(level - granted));
      "dayLeft" := greatest(0, quotas[i] - row.used - granted);
      "dueMs" := greatest(0, (1 - (level - granted)) * spacings[i]);
      "today" := row.day::text;
      "dayLeftMs" := extract(epoch from row.day + 1 - utc) * 1000;
      return next;
    end loop;
    -- A crash of the server may forget the last leases: cheaper than a wait for the disk at each.
    perform set_config('synchronous_commit', 'off', true);
  end $$;

grant select, insert, update, delete on throttle.bucket to lockgate_app;
grant select on throttle.bucket to lockgate_auditor;
revoke execute on all functions in schema throttle from public;
grant execute on all functions in schema throttle to lockgate_app;
