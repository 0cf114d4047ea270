-- Matching: what each match came to, for quality over time and for telling whether some groups are matched worse than others.

-- One row for each match that was settled. Nothing of a person but groups so coarse that many share them, and no name of a
-- person known: the journey leads to those who may see more.
create table matching.outcome (
  id uuid primary key,              -- told from the journey and the answer: said twice it is one row
  journey_id uuid not null,
  at timestamptz not null,          -- when it was settled
  matched_at timestamptz not null,  -- the state that was matched against
  decision text not null check (decision in ('link', 'review', 'none')),
  code text not null,
  weight double precision,          -- bits, of the best candidate
  runner_up double precision,
  margin double precision,
  model text not null,              -- name@version
  rules text not null,
  settled_by text not null check (settled_by in ('auto', 'steward')),
  choice text not null check (choice in ('best', 'other', 'nobody')),
  sampled boolean not null,         -- another steward decides it again
  second_review text check (second_review in ('agreed', 'differed', 'expired')),
  overturned_at timestamptz,
  overturned_by text[],
  sex text not null,
  age_band text not null,
  name_form text not null,
  address_stability text not null,
  check (second_review is null or sampled),
  check ((overturned_at is null) = (overturned_by is null))
);
-- What was settled between two instants?
create index outcome_at on matching.outcome (at);
-- What did a journey settle?
create index outcome_journey on matching.outcome (journey_id);

-- What was decided, and on what, is written once.
grant select, insert on matching.outcome to lockgate_app;
grant update (second_review, overturned_at, overturned_by) on matching.outcome to lockgate_app;
grant select on matching.outcome to lockgate_auditor;
