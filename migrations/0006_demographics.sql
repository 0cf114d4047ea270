-- Demographics: the persons we know, what was last said of each and when, and the numbers they go by.

create schema demographics;
grant usage on schema demographics to lockgate_app, lockgate_auditor;

create table demographics.person (
  id uuid primary key,
  version integer not null default 1,   -- two handlers that change one person at once: the second is tried again
  -- field -> {"value": …, "at": epoch ms of the event, "source": …}: older never overwrites newer, field by field
  fields jsonb not null,
  merged_into uuid references demographics.person,
  created_at timestamptz not null default clock_timestamp()
);
-- Who has this NHS number?
create index person_nhs_number on demographics.person ((fields -> 'nhsNumber' ->> 'value'))
  where merged_into is null and fields -> 'nhsNumber' ->> 'value' is not null;

-- A number that one organisation knows a person by; it belongs to one person at a time.
create table demographics.identifier (
  key text primary key,               -- SYSTEM:VALUE, upper case
  person_id uuid not null references demographics.person
);
-- The numbers of one person.
create index identifier_person on demographics.identifier (person_id);

grant select, insert, update on demographics.person, demographics.identifier to lockgate_app;
grant select on all tables in schema demographics to lockgate_auditor;
