-- Rollouts whose tenants are still being entered, a page at a time: the row goes with the last page.
-- entered_to is the last tenant that was looked at; ahead is, by ring, how many of those counted at the start are still to come.
create table enrolment (
    rollout text primary key references rollout (id),
    entered_to text not null,
    ahead text not null
);
