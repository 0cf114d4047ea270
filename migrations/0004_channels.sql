-- Channels: what came in, under which journey, and how it was answered.

create schema channels;
grant usage on schema channels to lockgate_app, lockgate_auditor;

-- One row for each message taken in; it is the root of its journey.
create table channels.intake (
  journey_id uuid primary key,
  channel text not null,
  sender text not null,             -- who sent it, in the sender's own name
  control_id text not null,         -- the sender's own id of the message
  digest bytea not null,            -- SHA-256 of the bytes: the same id with other bytes is another message
  received_at timestamptz not null default clock_timestamp(),
  deliveries smallint not null,     -- strands that must end before the journey is complete
  faults jsonb,                     -- codes it was answered with, where it was not accepted
  salt bytea,                       -- of the journey's commitments in the audit; erased with the person's data
  current boolean not null default true  -- still within the window of duplicate detection
);
-- Has this sender used this id before?
create unique index intake_control_id on channels.intake (control_id, channel, sender) where current;
-- Journeys of an id that has left the window.
create index intake_past_control_id on channels.intake (control_id) where not current;
-- Which journeys come up to their service level next?
create index intake_received on channels.intake using brin (received_at);

-- Other names a journey may be looked up by.
create table channels.business_key (
  kind text not null,
  value text not null,
  journey_id uuid not null,
  primary key (value, kind, journey_id)
);
-- The names of one journey.
create index business_key_journey on channels.business_key (journey_id);

-- What an operator asked of a channel; every node follows.
--   started → takes in and delivers
--   paused  → takes in, delivers nothing: the queue grows
--   stopped → its wire is closed; the queue is kept
create table channels.channel (
  name text primary key,
  state text not null default 'started' check (state in ('started', 'paused', 'stopped')),
  reason text
);

grant select, insert, update on channels.intake, channels.channel to lockgate_app;
grant select, insert on channels.business_key to lockgate_app;
grant select on all tables in schema channels to lockgate_auditor;
