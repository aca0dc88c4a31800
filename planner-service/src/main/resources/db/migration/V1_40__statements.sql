-- What people said about a tenant's upgrades, or about a ring of a rollout. Rows are only ever added, and then withdrawn.
create table statement (
    id text primary key,
    kind text not null,
    tenant text references tenant (id),
    rollout text references rollout (id),
    said text not null,
    note text not null,
    made_by text not null,
    made_at timestamptz not null,
    withdrawn_by text,
    withdrawn_at timestamptz,
    check ((tenant is null) <> (rollout is null))
);
create index statement_of_tenant on statement (tenant, made_at);
create index statement_of_rollout on statement (rollout) where rollout is not null;

-- Of a whole product, a whole account, or an account's tenants with one product.
create table wide_freeze (
    id text primary key,
    product text references product (name),
    account text,
    from_at timestamptz not null,
    to_at timestamptz not null,
    reason text not null,
    bumps text not null,
    made_by text not null,
    made_at timestamptz not null,
    lifted_by text,
    lifted_at timestamptz,
    check (product is not null or account is not null)
);
create index wide_freeze_by_end on wide_freeze (to_at) where lifted_at is null;

-- What was announced of an upgrade, and what was heard of its notices: one row a revision and channel.
alter table upgrade add column announcement text;
create table heard (
    upgrade text not null references upgrade (id),
    revision int not null,
    channel text not null,
    delivered_at timestamptz,
    failure text,
    primary key (upgrade, revision, channel)
);

-- What other tenants of the account ask about this one; and the windows that its customer set, over its document's.
alter table tenant
    add column environment text not null
        generated always as (upper(coalesce(document::jsonb ->> 'environment', 'production'))) stored,
    add column version_since timestamptz not null default now(),
    add column own_windows text,
    add column own_revision bigint not null default 0;
update tenant set version_since = changed_at;
create index tenant_of_account on tenant (account, product, id);

-- Upgrades, hops, ways back and recalls change the version; since when it runs must be right whoever does.
create function tenant_runs_since() returns trigger language plpgsql as $$
begin
    new.version_since = now();
    return new;
end $$;
create trigger tenant_runs_since before update of version on tenant
    for each row when (old.version is distinct from new.version) execute function tenant_runs_since();

-- The answer to each create that came with a key; the same key again gets the same answer.
create table idempotency (
    caller text not null,
    key text not null,
    request text not null,
    status int not null,
    answer text not null,
    location text,
    made_at timestamptz not null,
    primary key (caller, key)
);
create index idempotency_by_age on idempotency (made_at);

-- Who started a rollout may not approve its rings.
alter table rollout add column started_by text not null default '';
