alter table note add column node text;
