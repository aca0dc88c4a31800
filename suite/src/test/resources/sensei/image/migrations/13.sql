alter table note add column shared boolean not null default false;
