-- A proposal whose letter was settled otherwise is taken back: nobody can agree to it any more.

--   proposed → taken-in    a second person approved: it is a message of its own, and the letter is answered
--            → refused     the letter stays as it is
--            → withdrawn   the letter was replayed or given up meanwhile
do $$ declare name text; begin
  select conname into strict name from pg_constraint
    where conrelid = 'resubmission.proposal'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%refused%';
  execute format('alter table resubmission.proposal drop constraint %I', name);
end $$;
alter table resubmission.proposal
  add check (state in ('proposed', 'taken-in', 'refused', 'withdrawn')),
  add check ((state in ('taken-in', 'refused')) = (decided_by is not null));
