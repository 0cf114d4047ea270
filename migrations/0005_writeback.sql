-- Controlled write-back: what was asked of a target, and where each of our subjects stands there.

create schema writeback;
grant usage on schema writeback to lockgate_app, lockgate_auditor;

-- One row for each change asked for, written in the transaction that decided it, beside the message that carries it.
--   requested → applied    the target holds the values and has been read back
--             → unchanged  the target held the values already
--   A request that stopped stays `requested`; the dead letter of its delivery says why.
create table writeback.change (
  idempotency_key text primary key,
  target text not null,
  subject text not null,
  journey_id uuid not null,
  state text not null default 'requested' check (state in ('requested', 'applied', 'unchanged')),
  requested_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz
);
-- What is outstanding at a target?
create index change_outstanding on writeback.change (target, requested_at) where state = 'requested';

-- The record of a subject at a target as last seen by us: its version guards the next write, and a field that differs
-- from `held` was changed by somebody else.
create table writeback.reference (
  target text not null,
  subject text not null,
  external_id text not null,
  version text not null,
  held jsonb not null,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (target, subject)
);
-- Whose record is this?
create unique index reference_external on writeback.reference (target, external_id);

grant select, insert, update on writeback.change, writeback.reference to lockgate_app;
grant select on all tables in schema writeback to lockgate_auditor;
