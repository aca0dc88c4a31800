-- When a page of it could not be entered: those of other rollouts go first.
alter table enrolment add column put_back_at timestamptz;

-- The keys of all creates are in one table now. The version before still writes a rollout's own: its column goes a minor later.
comment on column rollout.idempotency_key is 'not written any more';
