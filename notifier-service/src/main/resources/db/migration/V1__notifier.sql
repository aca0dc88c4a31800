-- Who wants to be told of what.
create table subscription (
    id text primary key,
    channel text not null,
    destination text not null,
    product text,
    tenant text,
    account text,
    events text[] not null,
    revision int not null default 1,
    changed_at timestamptz not null default now()
);

-- Every message there was or will be. The id is made of the event's and the subscription's: telling twice is a conflict.
create table notice (
    place bigserial primary key,
    id text not null unique,
    cause text not null,
    about text not null,
    subscriber text not null,
    channel text not null,
    destination text not null,
    message text not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    attempt int not null default 0,
    outcome text,
    due_at timestamptz not null default now(),
    lease_owner text,
    lease_until timestamptz,
    made_at timestamptz not null default now(),
    ended_at timestamptz
);
create index notice_due on notice (due_at) where state = 'waiting';
create index notice_about on notice (about, place);
