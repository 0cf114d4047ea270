-- What people left under way ends by itself: a proposal whose letter was settled otherwise, and the leave of a job to act in somebody's name.

--   proposed → taken-in    a second person approved: it is a message of its own, and the letter is answered
--            → refused     the letter stays as it is
--            → withdrawn   the letter was replayed or given up meanwhile
do $$ declare name text; begin
  select conname into strict name from pg_constraint
    where conrelid = 'resubmission.proposal'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%refused%';
  execute format('alter table resubmission.proposal drop constraint %I', name);
end $$;
alter table resubmission.proposal
  add check (state in ('proposed', 'taken-in', 'refused', 'withdrawn')),
  add check ((state in ('taken-in', 'refused')) = (decided_by is not null));

-- A job acts in the name of whoever started or last resumed it, with the roles of that moment, for so long and while they hold them.
alter table work.item_group
  add column acting_by text,
  add column acting_roles text[],
  add column acting_since timestamptz,
  add column lapsed text check (lapsed in ('time', 'roles'));  -- why it was paused by itself
update work.item_group set acting_by = started_by, acting_roles = started_roles, acting_since = started_at;
alter table work.item_group
  drop column started_roles,
  add check ((state = 'previewed') = (acting_by is null)),
  add check ((acting_by is null) = (acting_roles is null) and (acting_by is null) = (acting_since is null)),
  add check (lapsed is null or state in ('paused', 'cancelled'));
grant select (acting_by, acting_roles, acting_since, lapsed) on work.item_group to lockgate_auditor;

alter table backbone.replay
  add column acting_by text,
  add column acting_roles text[],
  add column acting_since timestamptz,
  add column lapsed text check (lapsed in ('time', 'roles'));
update backbone.replay set acting_by = started_by, acting_since = started_at, acting_roles = case when started_by is not null then '{}'::text[] end;
alter table backbone.replay
  add check ((state = 'previewed') = (acting_by is null)),
  add check ((acting_by is null) = (acting_roles is null) and (acting_by is null) = (acting_since is null)),
  add check (lapsed is null or state in ('paused', 'cancelled'));
