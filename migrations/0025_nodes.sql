-- Monitor: what each node does, and how the systems that it calls answer it.

create schema monitor;
grant usage on schema monitor to lockgate_app, lockgate_auditor;

-- One row for each process of the platform; it says every few seconds that it is there.
create table monitor.node (
  id uuid primary key,
  roles text[] not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  systems jsonb not null              -- calls of the last minutes and breakers, by system
) with (fillfactor = 40);

grant select, insert, update, delete on monitor.node to lockgate_app;
grant select on monitor.node to lockgate_auditor;

-- The texts of channels as they were deployed, so that two of them can be laid side by side.
create table channels.version (
  channel text not null references channels.channel,
  digest text not null,               -- SHA-256 of the text, hexadecimal
  file text not null,
  text text not null,
  first_at timestamptz not null,      -- when it was first started
  last_at timestamptz not null,       -- when it was last started: the newest is at work
  primary key (channel, digest)
);
grant select, insert, update on channels.version to lockgate_app;
grant select on channels.version to lockgate_auditor;

-- What was settled in the last hour? Rows lie in the order in which they were asked for, so little has to be read.
create index change_settled on writeback.change using brin (settled_at);
