create table note (id text primary key, at timestamptz not null default now());
create table ritual (at bigserial primary key, what text not null);
