-- When a page of it could not be entered: those of other rollouts go first.
alter table enrolment add column put_back_at timestamptz;
