-- Items that are decided blind: while one waits, whoever may decide it is not shown what else was decided on its journey.

alter table work.item add column blind boolean not null default false;
update work.item set blind = true where queue = 'match-second-review' and state in ('open', 'claimed');
grant select (blind) on work.item to lockgate_auditor;
