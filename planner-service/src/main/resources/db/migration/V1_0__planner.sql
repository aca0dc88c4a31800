-- What there is to upgrade. A document is kept as its canonical text; columns are what is searched by.
create table product (
    name text primary key,
    document text not null,
    revision bigint not null,
    changed_at timestamptz not null
);

-- A release never changes, but it can be recalled: then nobody goes to it any more.
create table release (
    product text not null references product (name),
    version text not null,
    document text not null,
    published_at timestamptz not null,
    recalled_at timestamptz,
    recalled_by text,
    recalled_because text,
    go_back boolean not null default false,
    primary key (product, version)
);
create index release_recalled on release (product, version) where recalled_at is not null;

-- version is what is installed, previous what the last confirmed hop came from with the schema that it ran on there;
-- token and chain only grow. Whoever decides about a tenant holds its row.
create table tenant (
    id text primary key,
    account text not null,
    product text not null references product (name),
    version text not null,
    previous_version text,
    previous_schema text,
    ring text not null,
    document text not null,
    revision bigint not null,
    token bigint not null default 0,
    chain_place bigint not null default 0,
    chain_hash text not null,
    changed_at timestamptz not null
) with (fillfactor = 70);
create index tenant_of_product on tenant (product, id);
create index tenant_on_release on tenant (product, version);

create table rollout (
    id text primary key,
    kind text not null,
    product text not null references product (name),
    version text not null,
    phase text not null,
    turns_back boolean not null,
    reason text not null,
    rings text not null,
    revision bigint not null,
    wake_at timestamptz,
    chain_place bigint not null default 0,
    chain_hash text not null,
    idempotency_key text unique,
    started_at timestamptz not null
) with (fillfactor = 70);
create index rollout_of_release on rollout (product, version);
create index rollout_due on rollout (wake_at) where wake_at is not null;

-- from_version is where the whole of it began; runs is what is installed, where the hop under way began; ahead is where it
-- goes after that. wake_at stays null while a step is in flight, so that the hot path changes no indexed column.
create table upgrade (
    id text primary key,
    rollout text not null references rollout (id),
    tenant text not null references tenant (id),
    account text not null,
    product text not null,
    from_version text not null,
    to_version text not null,
    ring text not null,
    hop integer not null default 0,
    runs text not null,
    hop_to text,
    ahead text not null default '[]',
    abort text,
    phase text not null,
    state text not null,
    facts text not null,
    revision bigint not null,
    step text not null,
    wake_at timestamptz,
    overdue_at timestamptz,
    announced_at timestamptz not null,
    started_at timestamptz,
    ended_at timestamptz,
    changed_at timestamptz not null
) with (fillfactor = 70);
-- Never two active upgrades on one tenant, whatever a program does.
create unique index upgrade_active on upgrade (tenant)
    where phase in ('RUNNING', 'BETWEEN_HOPS', 'UNDOING', 'CLOSING', 'HELD');
create index upgrade_of_tenant on upgrade (tenant, announced_at);
create index upgrade_of_rollout on upgrade (rollout, ring, tenant);
create index upgrade_waiting on upgrade (rollout, ring, wake_at) where phase = 'WAITING';
create index upgrade_between on upgrade (wake_at) where phase = 'BETWEEN_HOPS';
create index upgrade_due on upgrade (wake_at) where wake_at is not null and phase in ('RUNNING', 'UNDOING', 'CLOSING');

-- One a hop, chosen before its first step and never changed.
create table plan (
    upgrade text not null references upgrade (id),
    hop integer not null,
    plan text not null,
    primary key (upgrade, hop)
);

-- Timeline and audit log in one. A reader follows (tx, seq), which is only shown below the oldest running transaction:
-- no row can appear behind a cursor that was given out. Each chain's hashes cover the link before.
create table timeline (
    tx xid8 not null default pg_current_xact_id(),
    seq bigint generated always as identity,
    at timestamptz not null,
    rollout text,
    tenant text,
    upgrade text,
    step text not null,
    kind text not null,
    text text not null,
    details text not null,
    chain text not null,
    place bigint not null,
    hash text not null,
    primary key (tx, seq)
);
create index timeline_of_rollout on timeline (rollout, tx, seq);
create unique index timeline_of_chain on timeline (chain, place);
