-- Why somebody looked is said in words, and words may tell of a person: sealed from now on. What was there before is carried
-- over as it was, behind the byte 0; `lockgate secrets rewrap` seals it.
alter table audit.access alter column reason type bytea using kernel.unsealed_text(reason);
insert into kernel.unsealed select 'audit.access' where exists (select from audit.access where reason is not null);

-- Both rows come of one statement: a look into the other table at each would find what it has just written.
alter table audit.access_about drop constraint access_about_position_fkey;
