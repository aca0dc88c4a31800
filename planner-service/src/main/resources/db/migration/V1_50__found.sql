-- The version that was last seen at a tenant, whoever looked; what is recorded of it changes only if somebody adopts it.
create table found_version (
    tenant text primary key references tenant (id),
    version text not null,
    found_by text not null,
    found_at timestamptz not null
);
