-- A product's log is a chain of its own, as a tenant's and a rollout's are.
alter table product
    add column chain_place bigint not null default 0,
    add column chain_hash text not null default repeat('0', 64);

-- Chains are checked one after the other by programs that know nothing of this database's collation.
alter table timeline alter column chain type text collate "C";
create index tenant_by_bytes on tenant (id collate "C");
