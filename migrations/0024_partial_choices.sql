-- Of what a person chose, the parts that the person refused: an approver may take two fields of a proposal and not the third.

alter table work.history add column refused text[];  -- names of parts, no values
alter table work.history add check (refused is null or (deed = 'chose' and cardinality(refused) > 0));
grant select (refused) on work.history to lockgate_auditor;
