-- Nothing yet: this number is kept for a change that is being made.
-- min-writer: 1
select 1;
