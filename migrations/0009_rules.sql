-- Rules: documents that decisions rest on, each kept for ever under the digest of its content, and which was in force when.

create schema rules;
grant usage on schema rules to lockgate_app, lockgate_auditor;

-- A document as it was put. Never changed and never deleted: a decision of years ago names its digest.
create table rules.document (
  name text not null,
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  version text not null,              -- the label that people use
  text text not null,                 -- as it was put, comments included
  primary key (name, digest),
  unique (name, version)              -- a label stands for one content
);

-- What came into force when, and who put it there; the last row of a name is what is in force.
create table rules.in_force (
  number bigint generated always as identity primary key,
  name text not null,
  digest text not null,
  by text not null,
  at timestamptz not null,
  foreign key (name, digest) references rules.document
);
-- What is in force, and what was before?
create index in_force_name on rules.in_force (name, number desc);

grant select, insert on rules.document, rules.in_force to lockgate_app;
grant select on all tables in schema rules to lockgate_auditor;
