-- A bake: one span of looking at a tenant. All that has been seen is folded into progress, so that a row stays small.
create table bake (
    upgrade text not null,
    step text not null,
    attempt integer not null,
    tenant text not null,
    token bigint not null,
    state text not null check (state in ('baking', 'judged', 'superseded')),
    request jsonb not null,
    progress jsonb not null,
    figures jsonb not null,
    verdict jsonb,
    asked_at timestamptz not null default now(),
    began_at timestamptz,
    next_look_at timestamptz not null default now(),
    judged_at timestamptz,
    lease_owner text,
    lease_until timestamptz,
    primary key (upgrade, step, attempt)
);
create index bake_due on bake (next_look_at) where state = 'baking';
create index bake_of_tenant on bake (tenant, asked_at desc);

-- Readings, deduplicated by series and time: a redelivered or repeated one changes nothing.
create table observation (
    tenant text not null,
    series text not null,
    at timestamptz not null,
    value double precision not null,
    said text not null,
    primary key (tenant, series, at)
);
create index observation_age on observation using brin (at);
