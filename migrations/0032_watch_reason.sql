-- Why a person is watched is said in words, and words may tell of the person: sealed from now on, as why somebody looked is. What was
-- there before is carried over as it was, behind the byte 0; `lockgate secrets rewrap` seals it.
alter table gateway.watched_person alter column reason type bytea using kernel.unsealed_text(reason);
insert into kernel.unsealed select 'gateway.watched_person' where exists (select from gateway.watched_person);
