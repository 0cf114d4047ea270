-- Dry runs of channels: what a changed text would have made otherwise of messages that came.

-- No value of a message stands here: codes, places, names of fields, and counts. Never changed and never deleted.
create table channels.dry_run (
  id uuid primary key,
  channel text not null references channels.channel,
  at timestamptz not null,
  by text not null,                   -- from where: on the machine of an installation nobody has proved who they are
  since timestamptz not null,         -- the messages of which time
  until timestamptz not null,
  deployed text not null,             -- SHA-256 of the text that it was compared with, hexadecimal
  digest text not null,               -- SHA-256 of the text that was tried
  file text not null,
  text text not null,
  received integer not null,          -- taken in within that time
  messages integer not null,          -- judged again
  changed integer not null,
  by_kind jsonb not null,
  by_path jsonb not null,
  differences jsonb not null,
  foreign key (channel, deployed) references channels.version (channel, digest),
  check (changed <= messages and messages <= received)
);
-- What was tried last?
create index dry_run_last on channels.dry_run (channel, at desc);

grant select, insert on channels.dry_run to lockgate_app;
grant select on channels.dry_run to lockgate_auditor;
