-- Who looked at what: an index over the leaves of accesses, staff who are patients too, and persons under special watch.

-- One row for each leaf of an access, written in its commit. It finds leaves and proves nothing: the leaf does.
create table audit.access (
  position bigint primary key,        -- of the leaf
  id uuid not null unique,            -- as in the leaf
  at timestamptz not null,
  name text not null,                 -- access.read, access.searched, access.exported, access.changed, access.refused …
  actor text,                         -- absent: nobody that we know
  purpose text,
  reason text,                        -- in the asker's words, so perhaps personal: the leaf holds a commitment to it
  salt bytea,                         -- of that commitment; erased with the words
  check ((reason is null) = (salt is null))
);
-- What did this actor open?
create index access_actor on audit.access (actor, position) where actor is not null;
-- Where was the glass broken?
create index access_break_glass on audit.access (position) where purpose = 'break-glass';
-- What happened in this stretch of time?
create index access_at on audit.access (at, position);

-- What was seen: `person/<id>`, `journey/<id>`, `workItem/<id>` …
create table audit.access_about (
  about text not null,
  position bigint not null references audit.access,
  primary key (about, position)
);
-- What was seen in this access?
create index access_about_position on audit.access_about (position);

grant select, insert on audit.access, audit.access_about to lockgate_app;
grant select on audit.access, audit.access_about to lockgate_auditor;

-- Staff who are known as patients too: whoever looks at themselves or at their own family is found by it.
create table gateway.staff (
  actor text primary key,             -- as the audit names them: `issuer:subject`
  person_id uuid not null,
  by text not null,
  at timestamptz not null default clock_timestamp()
);

-- Persons whose record draws the curious. A person is watched until the watch is lifted; why is said in words.
create table gateway.watched_person (
  id bigint generated always as identity primary key,
  person_id uuid not null,
  reason text not null,
  by text not null,
  at timestamptz not null default clock_timestamp(),
  lifted_by text,
  lifted_at timestamptz,
  check ((lifted_by is null) = (lifted_at is null))
);
-- Is this person watched?
create unique index watched_person_now on gateway.watched_person (person_id) where lifted_at is null;

grant select, insert, update, delete on gateway.staff to lockgate_app;
grant select, insert on gateway.watched_person to lockgate_app;
grant update (lifted_by, lifted_at) on gateway.watched_person to lockgate_app;
grant select on gateway.staff to lockgate_auditor;
grant select (id, person_id, by, at, lifted_by, lifted_at) on gateway.watched_person to lockgate_auditor;
