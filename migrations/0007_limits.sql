-- Shared limits: how often all nodes together may do something, kept in one row for each limit.

create schema limits;
grant usage on schema limits to lockgate_app, lockgate_auditor;

-- `next_at` is when the next turn falls due, by the server's clock (the theoretical arrival time of GCRA, ITU-T I.371).
-- In the past: nobody waits. The row changes at each reservation, so its page keeps room for versions of it.
create table limits.turn (
  name text primary key,
  next_at timestamptz not null
) with (fillfactor = 25);

-- Reserves up to `wanted` turns, `spacing_ms` apart, of which none is due later than `furthest_ms` from now.
-- `credit_ms` of turns that nobody took are not lost. The answer is in milliseconds since the Unix epoch: when the first
-- of the granted turns is due (or would be, if none is granted), and what the time is.
create function limits.reserve(
  of text, wanted integer, spacing_ms double precision, credit_ms double precision, furthest_ms double precision,
  out granted integer, out due_ms double precision, out now_ms double precision)
  language plpgsql volatile
  as $$
  declare
    due_at timestamptz;
    now_at timestamptz;
    spacing interval := make_interval(secs => spacing_ms / 1000);
    furthest interval := make_interval(secs => furthest_ms / 1000);
  begin
    select next_at into due_at from limits.turn where name = of for update;
    if not found then
      insert into limits.turn (name, next_at) values (of, '-infinity') on conflict do nothing;
      select next_at into due_at from limits.turn where name = of for update;
    end if;
    -- Read only now that the row is ours, however long that took.
    now_at := clock_timestamp();
    -- Further ahead than any reservation leaves it: the server's clock was put back.
    if due_at > now_at + furthest + spacing then
      due_at := now_at;
    end if;
    due_at := greatest(due_at, now_at - make_interval(secs => credit_ms / 1000));
    granted := least(wanted, 1 + floor(extract(epoch from now_at + furthest - due_at) / extract(epoch from spacing)));
    granted := greatest(granted, 0);
    if granted > 0 then
      update limits.turn set next_at = due_at + granted * spacing where name = of;
      -- A crash of the server may forget the last turns given: cheaper than a wait for the disk at each.
      perform set_config('synchronous_commit', 'off', true);
    end if;
    due_ms := extract(epoch from due_at) * 1000;
    now_ms := extract(epoch from now_at) * 1000;
  end $$;

grant select, insert, update on limits.turn to lockgate_app;
grant select on all tables in schema limits to lockgate_auditor;
revoke execute on all functions in schema limits from public;
grant execute on all functions in schema limits to lockgate_app;
