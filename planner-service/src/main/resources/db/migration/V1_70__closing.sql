-- When the window closes in which a hop began, and how long its ways were thought to take: whoever is still at work then is
-- announced, once. The row goes with that, or when nothing is at work any more.
create table closing (
    upgrade text primary key references upgrade (id),
    closes_at timestamptz not null,
    begun_at timestamptz not null,
    forward_seconds bigint not null,
    undo_seconds bigint not null
);
create index closing_due on closing (closes_at);
