-- Sealing: what is personal is stored as ciphertext, and what is searched for goes by a keyed hash.
-- What was there before is carried over as it was, behind the byte 0; `lockgate secrets rewrap` seals it.

-- The keys that values are sealed by, one for each day, each wrapped by the key-encryption key of the secret store.
create table kernel.data_key (
  id integer generated always as identity primary key,
  day date not null unique,
  wrapped bytea not null,             -- nonce (12), AES-256-GCM of the key (32), tag (16); bound to the day
  wrapped_by bytea not null,          -- 8 bytes that tell the key-encryption key, and nothing of it
  made_at timestamptz not null default clock_timestamp()
);

-- Columns in which values of before this migration may stand. While a column stands here, those values open.
create table kernel.unsealed (
  name text primary key
);

-- 8 bytes that tell the key of searchable hashes from any other: under another one nobody would be found any more.
create table kernel.search_key (
  is_only boolean primary key default true check (is_only),
  told bytea not null
);

-- A value as it was, marked as not sealed.
create function kernel.unsealed_text(value text) returns bytea
  language sql immutable
  as $$ select '\x00'::bytea || convert_to(value, 'UTF8') $$;

revoke execute on function kernel.unsealed_text(text) from public;
grant select, insert, update on kernel.data_key to lockgate_app;
grant select, insert on kernel.search_key to lockgate_app;
grant select, delete on kernel.unsealed to lockgate_app;
grant select (id, day, wrapped_by, made_at) on kernel.data_key to lockgate_auditor;
grant select on kernel.unsealed to lockgate_auditor;

-- Backbone. Messages that are on the log already are carried over by the owner: rows of the log are never changed by the platform.
update backbone.log set body = '\x00'::bytea || body;
update backbone.parked set body = '\x00'::bytea || body;
update backbone.scheduled set body = '\x00'::bytea || body;

-- Channels. `value` is the keyed hash that a journey is found by; where `sealed` is null it is the value of before, still to be hashed.
alter table channels.business_key add column sealed bytea;
grant update (value, sealed) on channels.business_key to lockgate_app;
revoke select on channels.business_key from lockgate_auditor;
grant select (kind, journey_id) on channels.business_key to lockgate_auditor;

-- Sagas.
alter table saga.instance alter column input type bytea using kernel.unsealed_text(input::text);
alter table saga.journal alter column result type bytea using kernel.unsealed_text(result::text);
alter table saga.mailbox alter column body type bytea using kernel.unsealed_text(body::text);

-- Demographics. `key` and `number` are keyed hashes; where `sealed` is null they are the values of before, still to be hashed.
alter table demographics.person
  alter column fields type bytea using kernel.unsealed_text(fields::text),
  alter column refused drop default,
  alter column refused type bytea using kernel.unsealed_text(refused::text);
alter table demographics.identifier add column sealed bytea;
alter table demographics.nhs_number
  add column sealed bytea,
  add column superseded_sealed bytea;
alter table demographics.match_question add column is_hashed boolean not null default true;
update demographics.match_question set is_hashed = false;
alter table demographics.link alter column before type bytea using kernel.unsealed_text(before::text);
alter table demographics.said add column statement bytea;
update demographics.said set statement = kernel.unsealed_text(jsonb_build_object('keys', keys, 'fields', fields)::text);
alter table demographics.said alter column statement set not null, drop column keys, drop column fields;
alter table demographics.proposal
  alter column fields drop not null,
  alter column fields type bytea using kernel.unsealed_text(fields::text);
-- What was looked at is looked at once more.
delete from demographics.evaluation;

-- Matching. Of a sealed line only its keyed digest tells whether it changed; an empty one marks a line of before, whose keys
-- are still to be hidden.
alter table matching.person
  alter column prepared type bytea using kernel.unsealed_text(prepared),
  add column digest text not null default '';
alter table matching.person alter column digest drop default;

-- Work items.
do $$ declare name text; begin
  select conname into strict name from pg_constraint
    where conrelid = 'work.item'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%sha256%';
  execute format('alter table work.item drop constraint %I', name);
end $$;
-- A closed item stays as it is in all that the platform may change; sealing changes the form of the rest.
drop trigger item_closed on work.item;
alter table work.item
  alter column content type bytea using kernel.unsealed_text(content),
  alter column reply_context type bytea using kernel.unsealed_text(reply_context::text);
create trigger item_closed before update of state, owner, criticality, escalated_at on work.item
  for each row when (old.state not in ('open', 'claimed')) execute function work.refuse_change();
alter table work.history alter column comment type bytea using kernel.unsealed_text(comment);

-- Write-back. `external_id` is a keyed hash: what it was is sealed with what the target holds.
alter table writeback.reference
  alter column held type bytea using kernel.unsealed_text(jsonb_build_object('externalId', external_id, 'held', held)::text);
revoke select on writeback.reference from lockgate_auditor;
grant select (target, subject, version, seen_at) on writeback.reference to lockgate_auditor;

-- The gateway.
alter table gateway.idempotent_request alter column body type bytea using kernel.unsealed_text(body);

-- Which columns hold anything of before?
insert into kernel.unsealed
  select 'backbone.log' where exists (select from backbone.log)
  union all select 'backbone.parked' where exists (select from backbone.parked)
  union all select 'backbone.scheduled' where exists (select from backbone.scheduled)
  union all select 'channels.business_key' where exists (select from channels.business_key)
  union all select 'saga.instance' where exists (select from saga.instance)
  union all select 'saga.journal' where exists (select from saga.journal)
  union all select 'saga.mailbox' where exists (select from saga.mailbox)
  union all select 'demographics.person' where exists (select from demographics.person)
  union all select 'demographics.identifier' where exists (select from demographics.identifier)
  union all select 'demographics.nhs_number' where exists (select from demographics.nhs_number)
  union all select 'demographics.link' where exists (select from demographics.link)
  union all select 'demographics.said' where exists (select from demographics.said)
  union all select 'demographics.proposal' where exists (select from demographics.proposal)
  union all select 'demographics.match_question' where exists (select from demographics.match_question)
  union all select 'matching.person' where exists (select from matching.person)
  union all select 'work.item' where exists (select from work.item)
  union all select 'work.history' where exists (select from work.history)
  union all select 'writeback.reference' where exists (select from writeback.reference)
  union all select 'gateway.idempotent_request' where exists (select from gateway.idempotent_request);
