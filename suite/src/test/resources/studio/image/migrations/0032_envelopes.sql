alter table ritual add column envelope bytea;
