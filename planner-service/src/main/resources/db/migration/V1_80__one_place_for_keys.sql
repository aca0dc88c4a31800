-- The keys of all creates are kept in one table, with their answers: a rollout's own is not read any more.
alter table rollout drop column idempotency_key;
