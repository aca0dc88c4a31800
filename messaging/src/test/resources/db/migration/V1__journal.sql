-- What the test's handler did, in the order it did it.
create table journal (place bigserial primary key, consumer text not null, key text not null, number int not null);
-- Stands for the aggregates, whose row lock keeps the order of what is said of them.
create table aggregate (key text primary key, said int not null);
