alter table note add column tags text[] not null default '{}';
