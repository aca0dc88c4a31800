-- Whether a recall's rollout also takes those whose way back has ended before, if they run the release again.
alter table enrolment add column once_more boolean not null default true;
-- Why its page could not be entered, for every instance to tell.
alter table enrolment add column put_back_because text;
