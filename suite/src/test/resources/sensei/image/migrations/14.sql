alter table project add column rules text[] not null default '{}';
