-- What is done at the desk: messages that are mended, work that is handed on, and one decision for many items.

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

-- Work that is handed on: given to somebody by name, or waiting for what somebody said is missing.
alter table work.item
  add column inquired_at timestamptz,
  add column inquired_by text,
  add check ((inquired_at is null) = (inquired_by is null));
alter table work.history add column assignee text;  -- whom it was given to
do $$ declare name text; begin
  select conname into strict name from pg_constraint
    where conrelid = 'work.history'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%escalated%';
  execute format('alter table work.history drop constraint %I', name);
end $$;
alter table work.history
  add check (deed in ('claimed', 'released', 'assigned', 'commented', 'inquired', 'escalated', 'chose', 'decided', 'expired', 'withdrawn')),
  add check ((deed = 'assigned') = (assignee is not null));
grant update (due_at, inquired_at, inquired_by) on work.item to lockgate_app;
grant select (inquired_at, inquired_by) on work.item to lockgate_auditor;
grant select (assignee) on work.history to lockgate_auditor;
drop trigger item_closed on work.item;
create trigger item_closed before update of state, owner, criticality, escalated_at, due_at, inquired_at, inquired_by on work.item
  for each row when (old.state not in ('open', 'claimed')) execute function work.refuse_change();

-- Whom was seen here: work can be given to them.
create table gateway.colleague (
  id text primary key,                -- as the audit names them: `issuer:subject`
  name text not null,
  roles text[] not null,              -- as their last sign-in said
  seen_at timestamptz not null
);
grant select, insert, update on gateway.colleague to lockgate_app;
grant select on gateway.colleague to lockgate_auditor;

-- One decision for many items, as a job that any node takes on under a lease.
--   previewed → its items are fixed; nothing has been touched
--       ↓ started by a person who names the digest of exactly these items
--   running ⇄ paused
--       ↓          ↘
--      done      cancelled   what had no turn yet is left
create table work.item_group (
  id uuid primary key,
  state text not null default 'previewed' check (state in ('previewed', 'running', 'paused', 'done', 'cancelled')),
  domain text not null,
  queue text not null,
  reason text not null,
  title text not null,
  deed text not null check (deed in ('decide', 'claim', 'comment')),
  action text,
  digest text not null,               -- SHA-256 of the items with their contents' digests, hexadecimal
  targets integer not null,
  previewed_by text not null,
  previewed_at timestamptz not null,
  started_by text,
  started_roles text[],               -- of whoever started it, as they were at that moment
  started_at timestamptz,
  comment bytea,                      -- sealed: in a person's own words
  ended_at timestamptz,
  owner uuid,                         -- the node that works it, while its lease lasts
  lease_till timestamptz,
  check ((deed = 'decide') = (action is not null)),
  check ((state = 'previewed') = (started_at is null)),
  check ((started_at is null) = (started_by is null) and (started_at is null) = (started_roles is null))
);
-- Is there a job to work?
create index item_group_open on work.item_group (id) where state = 'running';

create table work.group_target (
  group_id uuid not null references work.item_group on delete cascade,
  nth integer not null,
  item_id uuid not null references work.item,
  digest text not null,               -- of the content that is decided on
  state text not null default 'pending' check (state in ('pending', 'done', 'refused', 'left')),
  code text,
  settled_at timestamptz,
  primary key (group_id, nth),
  check ((state = 'refused') = (code is not null))
) with (fillfactor = 70);
-- Whose turn is it?
create index group_target_pending on work.group_target (group_id, nth) where state = 'pending';

grant select, insert, update, delete on work.item_group, work.group_target to lockgate_app;
grant select (id, state, domain, queue, reason, title, deed, action, digest, targets, previewed_by, previewed_at, started_by, started_roles,
  started_at, ended_at) on work.item_group to lockgate_auditor;
grant select on work.group_target to lockgate_auditor;
