-- Write-back: a change that the target or the comparison refuses is settled too, and whoever asked is told.

-- requested → applied    the target holds the values and has been read back
--           → unchanged  the target held the values already
--           → refused    this one record cannot take the values as they are; the message that tells so says why
-- A request that stopped for another reason stays `requested`; the dead letter of its delivery says why.
alter table writeback.change
  drop constraint change_state_check,
  add constraint change_state_check check (state in ('requested', 'applied', 'unchanged', 'refused'));
