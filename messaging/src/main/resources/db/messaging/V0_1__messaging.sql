-- What this service has yet to say. The sequence is assigned while the aggregate's row is locked, so that a key's
-- rows become visible in its order.
create table outbox (
    sequence bigserial primary key,
    event_id text not null unique,
    shard smallint not null,
    topic text not null,
    key text,
    headers text not null,
    body bytea,
    said_at timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0,
        autovacuum_analyze_threshold = 20000);

-- Which relay may send which shard, by the database's clock.
create table outbox_lease (
    shard smallint primary key,
    owner text not null,
    until timestamptz not null
);
insert into outbox_lease (shard, owner, until) select shard, '', '-infinity' from generate_series(0, 3) shard;

-- Which events a consumer has taken, so that a redelivery is recognised.
create table inbox (
    consumer text not null,
    event_id text not null,
    taken_at timestamptz not null default now(),
    primary key (consumer, event_id)
);
create index inbox_age on inbox using brin (taken_at);

-- Which keys wait behind a record that can't be processed, and the records that wait, in order.
create table parked_key (
    id bigserial primary key,
    consumer text not null,
    key text not null,
    record text not null,
    reason text not null,
    parked_at timestamptz not null default now(),
    unique (consumer, key)
);
create table parked_record (
    id bigserial primary key,
    consumer text not null,
    key text not null,
    record text not null,
    headers text not null,
    body bytea,
    failed boolean not null
);
create index parked_record_order on parked_record (consumer, key, id);
