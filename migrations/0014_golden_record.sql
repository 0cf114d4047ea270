-- The golden record: links by matching, pairs that are never the same, what was said while persons were joined, possible duplicates.

-- What joined persons, or two numbers of one, and what it took to undo it.
--   merged      other_id lives on as person_id
--   superseded  person_id got another NHS number
--   matched     identifiers that nobody knew were taken for person_id's by matching, or by a steward who was asked
--   apart       a steward said that the two are never the same; never taken back
--   unlinked    took back the link `undoes`
alter table demographics.link drop constraint link_kind_check;
alter table demographics.link
  add constraint link_kind_check check (kind in ('merged', 'superseded', 'matched', 'apart', 'unlinked')),
  add constraint link_apart_check check (kind <> 'apart' or (other_id is not null and other_id <> person_id)),
  add column code text;               -- why: a reason code of matching or of the decision
-- Whom did this person become?
create index link_other on demographics.link (other_id) where other_id is not null;
-- Are these two kept apart? Said once, whoever says it again.
create unique index link_apart on demographics.link (least(person_id, other_id), greatest(person_id, other_id))
  where kind = 'apart';

-- What was said of a person who others live on as, or whom matching linked others' identifiers to: by which identifiers, so
-- that each statement can follow whom it was about when they part again.
create table demographics.said (
  id bigint generated always as identity primary key,
  person_id uuid not null references demographics.person,
  journey_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  keys text[] not null,               -- the statement's identifiers, the preferred one first
  fields jsonb not null               -- as a person's, of the fields that it changed or said again
);
-- What was said of this person, in order?
create index said_person on demographics.said (person_id, id);
-- What did this journey say?
create index said_journey on demographics.said (journey_id);

-- Pairs that may be one person, as matching found after what is known of one of them changed. Nobody is asked twice at a time.
create table demographics.suspicion (
  one_id uuid not null references demographics.person,
  other_id uuid not null references demographics.person,
  state text not null default 'asked' check (state in ('asked', 'same', 'different', 'dropped')),
  instance_id uuid not null,          -- the saga's that asks
  journey_id uuid not null,
  digest text not null,               -- of what matching looked at in both
  at timestamptz not null default clock_timestamp(),
  primary key (one_id, other_id),
  check (one_id < other_id)
);

-- What matching last looked at of a person: what has not changed is not looked at again.
create table demographics.evaluation (
  person_id uuid primary key references demographics.person,
  digest text not null,
  at timestamptz not null default clock_timestamp()
);

grant select, insert, update, delete on demographics.said to lockgate_app;
grant select, insert, update on demographics.suspicion, demographics.evaluation to lockgate_app;
-- Only to take out what may not be kept any longer.
grant update (before) on demographics.link to lockgate_app;
grant select (code) on demographics.link to lockgate_auditor;
grant select (id, person_id, journey_id, at) on demographics.said to lockgate_auditor;
grant select (one_id, other_id, state, instance_id, journey_id, at) on demographics.suspicion to lockgate_auditor;
grant select (person_id, at) on demographics.evaluation to lockgate_auditor;
