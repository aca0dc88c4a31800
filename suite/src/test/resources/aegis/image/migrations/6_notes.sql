create table note (id text primary key, at timestamptz not null default now());
