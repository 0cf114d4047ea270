-- Code maps: which of a target's codes a source's code stands for, who said so, and since when.

create schema codes;
grant usage on schema codes to lockgate_app, lockgate_auditor;

-- What somebody mapped. Never changed and never deleted: the last row of a code is what it stands for.
create table codes.mapping (
  number bigint generated always as identity primary key,
  map text not null,                  -- what kind of code
  system text not null,               -- whose code
  code text not null,
  target text not null,
  replaced text,                      -- what it stood for before
  by text not null,
  at timestamptz not null
);
-- What does a code stand for?
create index mapping_code on codes.mapping (map, system, code, number desc);
-- What was mapped last?
create index mapping_last on codes.mapping (map, number desc);

grant select, insert on codes.mapping to lockgate_app;
grant select on codes.mapping to lockgate_auditor;
