-- Matching: the index by which a record finds the persons that it may be, and who is never the same.

create schema matching;
grant usage on schema matching to lockgate_app, lockgate_auditor;

-- A person as compared with others.
create table matching.person (
  person_id uuid primary key,
  prepared text not null,             -- normalised fields, parted by tabs; personal data
  keys bigint[] not null,             -- those of matching.key, so that a change takes away the old ones
  kept_in xid8 not null default pg_current_xact_id()  -- by the transaction that kept it so
);

-- A hash of each blocking key of each person: who shares one is compared.
create table matching.key (
  key bigint not null,
  person_id uuid not null,
  primary key (key, person_id)
);
-- Every read is by index alone, which asks that pages are known to be visible to all.
alter table matching.key set (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02);

-- Two persons of whom somebody decided that they are never the same. For ever: nothing is taken back.
create table matching.apart (
  one_id uuid not null,
  other_id uuid not null,
  by text[] not null,
  journey_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (one_id, other_id),
  check (one_id < other_id)
);

grant select, insert, update, delete on matching.person, matching.key to lockgate_app;
grant select, insert on matching.apart to lockgate_app;
-- The auditor sees who was kept apart by whom, never a value of a person or a hash of one.
grant select (person_id, kept_in) on matching.person to lockgate_auditor;
grant select on matching.apart to lockgate_auditor;
