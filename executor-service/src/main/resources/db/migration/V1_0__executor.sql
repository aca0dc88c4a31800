-- The highest token that a tenant's steps have come with: it fences every earlier attempt.
create table tenant_token (
    tenant text primary key,
    token bigint not null
);

-- One attempt of one step, from its request to its end.
create table step_run (
    id bigserial primary key,
    tenant text not null,
    upgrade text not null,
    step text not null,
    attempt integer not null,
    token bigint not null,
    driver text not null,
    action text not null,
    component text not null,
    request text not null,
    state text not null check (state in ('accepted', 'running', 'succeeded', 'failed', 'uncertain', 'refused')),
    accepted_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    -- Who carries it out, until when by this database's clock, and how often somebody has begun.
    executor text,
    lease_until timestamptz,
    claims integer not null default 0,
    progress text,
    code text,
    text text,
    unique (upgrade, step, attempt)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index step_run_open on step_run (driver, id) where state in ('accepted', 'running');
create index step_run_running on step_run (tenant) where state = 'running';
create index step_run_of_tenant on step_run (tenant, id);

-- The catalogue of backups.
create table backup (
    id text primary key,
    tenant text not null,
    upgrade text not null,
    step text not null,
    component text not null,
    moment text not null,
    file text not null,
    digest text not null,
    bytes bigint not null,
    fingerprint text not null,
    row_counts text not null,
    slot text,
    details text not null,
    taken_at timestamptz not null,
    proven boolean not null
);
create index backup_of_tenant on backup (tenant, taken_at desc);
