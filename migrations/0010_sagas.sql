-- Sagas: long-running processes, where each stands, and what every step of it recorded.

create schema saga;
grant usage on schema saga to lockgate_app, lockgate_auditor;

-- One process under way. Each transition is one commit that raises `revision`: whoever acts on an older one has lost.
--   running ─▶ waiting (an event, a person, a time) ─▶ running … ─▶ completed
--      │ └──▶ stuck (a person decides: again, or undo)
--      └────▶ undoing ─▶ undone, or cancelled where a person wanted it;  paused keeps what it was in `resumes`
create table saga.instance (
  id uuid primary key,
  saga text not null,
  version integer not null,
  key text not null,                    -- correlation key: events find their instance by it
  journey_id uuid not null,
  traceparent text,
  status text not null
    check (status in ('running', 'waiting', 'paused', 'stuck', 'undoing', 'completed', 'undone', 'cancelled')),
  step text,                            -- where it stands; null once ended
  revision integer not null,
  input jsonb not null,
  awaiting jsonb,                       -- what a waiting instance waits for
  resumes text,                         -- what a paused instance was
  code text,                            -- why it is stuck or was undone
  started_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  unique (saga, key)
) with (fillfactor = 80);
-- Which processes did this journey start?
create index instance_journey on saga.instance (journey_id);
-- What has ended long ago?
create index instance_started on saga.instance (started_at);

-- What the steps recorded, in order; never changed. An instance is its definition applied to its journal.
create table saga.journal (
  instance_id uuid not null,
  revision integer not null,
  ordinal smallint not null,
  step text not null,
  kind text not null check (kind in ('ran', 'event', 'late', 'decided', 'undone', 'restarted')),
  outcome text,
  result json,                          -- only ever read whole
  attempt integer not null,
  at timestamptz not null,
  primary key (instance_id, revision, ordinal)
);

-- What was recorded since an instant? Entries come in the order of time, so a summary of each range of blocks is enough.
create index journal_at on saga.journal using brin (at);

-- Events that came while their instance was not waiting for them.
create table saga.mailbox (
  instance_id uuid not null,
  name text not null,
  body jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (instance_id, name)
);

grant select, insert, update, delete on saga.instance, saga.mailbox to lockgate_app;
grant select, insert, delete on saga.journal to lockgate_app;
grant select (id, saga, version, key, journey_id, status, step, revision, code, started_at, changed_at) on saga.instance
  to lockgate_auditor;
grant select (instance_id, revision, ordinal, step, kind, outcome, attempt, at) on saga.journal to lockgate_auditor;
