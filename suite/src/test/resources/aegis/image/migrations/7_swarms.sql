create table swarm (name text primary key);
-- Longer than an installation allows a statement that is told to be impatient.
select pg_sleep(1);
