-- Verification: how sure we are of a person, the NHS numbers each has gone by, links that can be taken back, open proposals.

-- `fields` of a person: field -> {"value", "at", "source", "verified"}; verified: the national service agrees.
alter table demographics.person
  -- field -> a value that a person refused: said again it is not asked again
  add column refused jsonb not null default '{}',
  -- the national service withholds where the person is: no address, telephone, e-mail or practice is kept
  add column restricted boolean not null default false;

-- An NHS number that a person goes by now, or went by. A number is current for one person at a time.
create table demographics.nhs_number (
  number text not null,
  person_id uuid not null references demographics.person,
  status text not null check (status in ('01', '02', '03', '04', '05', '06', '07', '08')),
  current boolean not null,
  since timestamptz not null default clock_timestamp(),
  superseded_by text,                 -- the number that the national service replaced it with
  unlinked_at timestamptz,            -- taken back: nobody is found by it any more
  primary key (number, person_id),
  check (unlinked_at is null or not current)
);
-- Whose number is this now?
create unique index nhs_number_current on demographics.nhs_number (number) where current;
-- The numbers of one person.
create index nhs_number_person on demographics.nhs_number (person_id);
-- What did this number replace?
create index nhs_number_superseded on demographics.nhs_number (superseded_by) where superseded_by is not null;

insert into demographics.nhs_number (number, person_id, status, current)
  select fields -> 'nhsNumber' ->> 'value', id,
    case when fields -> 'nhsNumberStatus' ->> 'value' ~ '^0[1-8]$' then fields -> 'nhsNumberStatus' ->> 'value' else '02' end, true
  from demographics.person
  where merged_into is null and fields -> 'nhsNumber' ->> 'value' is not null
  order by id
  on conflict do nothing;
drop index demographics.person_nhs_number;

-- What joined two persons, or two numbers of one, and what it took to undo it.
--   merged      other_id lives on as person_id
--   superseded  person_id got another NHS number
--   unlinked    took back the link `undoes`
create table demographics.link (
  id uuid primary key,
  kind text not null check (kind in ('merged', 'superseded', 'unlinked')),
  person_id uuid not null references demographics.person,
  other_id uuid references demographics.person,
  by text[] not null,                 -- who decided it
  journey_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  version integer not null,           -- of person_id, before
  before jsonb not null,              -- what the version held, and what changed hands; personal data
  undoes uuid unique references demographics.link,
  check ((kind = 'unlinked') = (undoes is not null)),
  check (kind <> 'merged' or other_id is not null)
);
-- What joined these two?
create index link_persons on demographics.link (person_id, other_id);

-- Values that wait for a person's decision, one set for each person; their saga asks for them.
--   open → asked → settled | refused | expired    decided, and done or not
--     └──────┴───→ superseded                     a later statement took the values over
create table demographics.proposal (
  instance_id uuid primary key,       -- the saga's
  saga_key text not null,
  person_id uuid not null references demographics.person,
  journey_id uuid not null,
  fields jsonb not null,              -- as a person's; emptied when it is closed
  state text not null default 'open' check (state in ('open', 'asked', 'settled', 'superseded', 'refused', 'expired')),
  opened_at timestamptz not null default clock_timestamp()
);
-- What waits about this person?
create unique index proposal_person on demographics.proposal (person_id) where state in ('open', 'asked');

grant select, insert, update on demographics.nhs_number, demographics.proposal to lockgate_app;
grant select, insert on demographics.link to lockgate_app;
-- The auditor sees what was linked and decided by whom, never a value or a number of a person.
revoke select on demographics.person, demographics.identifier from lockgate_auditor;
grant select (id, version, restricted, merged_into, created_at) on demographics.person to lockgate_auditor;
grant select (person_id) on demographics.identifier to lockgate_auditor;
grant select (person_id, status, current, since, unlinked_at) on demographics.nhs_number to lockgate_auditor;
grant select (id, kind, person_id, other_id, by, journey_id, at, version, undoes) on demographics.link to lockgate_auditor;
grant select (instance_id, saga_key, person_id, journey_id, state, opened_at) on demographics.proposal to lockgate_auditor;
