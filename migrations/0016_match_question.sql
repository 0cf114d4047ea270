-- Matching in the main job: who is not findable yet, and which identifiers a steward is asked about.

alter table demographics.person
  -- matching has been told of this person; false of those who were known before there was matching
  add column findable boolean not null default false;
-- Whom does matching not know yet?
create index person_unfindable on demographics.person (id) where not findable and merged_into is null;

-- An identifier of which a steward is to say whose it is: later messages that name it wait.
create table demographics.match_question (
  key text primary key,               -- as demographics.identifier
  instance_id uuid not null,          -- the saga's
  asked_at timestamptz not null default clock_timestamp()
);
-- What does this saga ask about?
create index match_question_instance on demographics.match_question (instance_id);

grant select, insert, delete on demographics.match_question to lockgate_app;
grant select (findable) on demographics.person to lockgate_auditor;
grant select (instance_id, asked_at) on demographics.match_question to lockgate_auditor;
