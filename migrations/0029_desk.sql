-- Resubmissions: a dead letter's message as somebody mended it, until somebody else has decided whether it is taken in.

create schema resubmission;
grant usage on schema resubmission to lockgate_app, lockgate_auditor;

--   proposed → taken-in   a second person approved: it is a message of its own, and the letter is answered
--            → refused    the letter stays as it is
create table resubmission.proposal (
  id uuid primary key,
  state text not null default 'proposed' check (state in ('proposed', 'taken-in', 'refused')),
  channel text not null,
  subscription text not null,
  position bigint not null,
  letter text not null,               -- the letter as it stood: whatever was done about it since makes it another
  journey_id uuid not null,           -- the journey of the original
  body bytea not null,                -- sealed: the message as it is proposed
  digest text not null,               -- SHA-256 of it, hexadecimal
  fields text[] not null,             -- where it differs from the original; no values
  proposed_by text not null,
  proposed_at timestamptz not null,
  item_id uuid not null,              -- the work item that asks for the decision
  new_journey_id uuid,
  decided_by text,
  decided_at timestamptz,
  check ((state = 'proposed') = (decided_at is null)),
  check ((state = 'taken-in') = (new_journey_id is not null))
);
-- One letter is mended by one proposal at a time.
create unique index proposal_pending on resubmission.proposal (subscription, position) where state = 'proposed';
-- What became of a journey's message, and what does a journey stem from?
create index proposal_journey on resubmission.proposal (journey_id);
create unique index proposal_new_journey on resubmission.proposal (new_journey_id);

-- What is decided on cannot be changed under the deciders.
grant select, insert on resubmission.proposal to lockgate_app;
grant update (state, new_journey_id, decided_by, decided_at) on resubmission.proposal to lockgate_app;
grant select (id, state, channel, subscription, position, journey_id, digest, fields, proposed_by, proposed_at, item_id, new_journey_id,
  decided_by, decided_at) on resubmission.proposal to lockgate_auditor;
