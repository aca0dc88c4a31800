alter table project add column parallel integer not null default 1;
