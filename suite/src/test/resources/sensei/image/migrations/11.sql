create table note (id text primary key, at timestamptz not null default now());
create table project (name text primary key);
