-- Work items: what waits for a person, what each person did about it, and what was decided.

create schema work;
grant usage on schema work to lockgate_app, lockgate_auditor;

-- One row for each item.
--   open ⇄ claimed → decided    enough people chose the same action
--                  → expired    nobody did in time
--                  → withdrawn  what asked for it no longer needs it
create table work.item (
  id uuid primary key,
  state text not null default 'open' check (state in ('open', 'claimed', 'decided', 'expired', 'withdrawn')),
  owner text,                       -- who claimed it; kept when it is closed
  queue text not null,
  domain text not null,
  reason text not null,
  criticality text not null,
  rank smallint not null generated always as (array_position(array['critical', 'high', 'normal', 'low'], criticality)) stored,
  title text not null,
  journey_id uuid not null,
  subject text,
  content text not null,            -- canonical JSON (RFC 8785), what exactly is decided on; personal data
  digest text not null,             -- a decision names it
  tried jsonb not null,
  actions jsonb not null check (jsonb_array_length(actions) > 0),
  excluded text[] not null,         -- who may not decide
  opened_at timestamptz not null,
  due_at timestamptz not null,
  expires_at timestamptz,
  escalated_at timestamptz,
  reply_session text not null,
  reply_context json not null,      -- the asker's own, handed back as it was given
  check (digest = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
  check (state <> 'open' or owner is null),
  check (state <> 'claimed' or owner is not null)
);
-- What waits, the most pressing first?
create index item_waiting on work.item (rank, due_at, id) where state in ('open', 'claimed');
-- What waits in one queue?
create index item_queue on work.item (queue, rank, due_at, id) where state in ('open', 'claimed');
-- What is past its due time and has not been escalated since?
create index item_due on work.item (due_at) where state in ('open', 'claimed') and (escalated_at is null or escalated_at < due_at);
-- What is past its end?
create index item_expiry on work.item (expires_at) where state in ('open', 'claimed');
-- What was closed, the newest first?
create index item_closed on work.item (opened_at, id) where state not in ('open', 'claimed');
-- What waits about one subject?
create index item_subject on work.item (subject) where state in ('open', 'claimed');
-- The items of one journey.
create index item_journey on work.item (journey_id);

-- A closed item stays as it is, whoever asks.
create function work.refuse_change() returns trigger
  language plpgsql
  as $$ begin raise exception 'the work item is closed' using errcode = 'LG002'; end $$;
create trigger item_closed before update on work.item
  for each row when (old.state not in ('open', 'claimed')) execute function work.refuse_change();

-- What was done about an item, by whom. Rows are written once and never changed.
create table work.history (
  number bigint generated always as identity primary key,
  item_id uuid not null references work.item,
  at timestamptz not null,
  deed text not null check (deed in ('claimed', 'released', 'commented', 'escalated', 'chose', 'decided', 'expired', 'withdrawn')),
  by text,                          -- absent: the platform itself
  roles text[],                     -- of whoever chose, as they were at that moment
  action text,
  comment text,                     -- in a person's own words; may hold personal data
  check (deed not in ('chose', 'decided') or (by is not null and action is not null)),
  check (deed <> 'chose' or roles is not null)
);
-- What was done about one item, in order.
create index history_item on work.history (item_id, number);
-- One person chooses an action once: a quorum is of different people.
create unique index history_choice on work.history (item_id, action, by) where deed = 'chose';
-- An item is closed once.
create unique index history_outcome on work.history (item_id) where deed in ('decided', 'expired', 'withdrawn');

-- What is decided on cannot be changed under the deciders: those columns are written at the opening only.
grant select, insert on work.item, work.history to lockgate_app;
grant update (state, owner, criticality, escalated_at) on work.item to lockgate_app;
-- The auditor sees who did what to which digest, never what it says.
grant select (id, state, owner, queue, domain, reason, criticality, rank, title, journey_id, subject, digest, tried, actions, excluded,
  opened_at, due_at, expires_at, escalated_at, reply_session) on work.item to lockgate_auditor;
grant select (number, item_id, at, deed, by, roles, action) on work.history to lockgate_auditor;
revoke execute on all functions in schema work from public;
