-- Whose contact was told: a customer's notice runs from there.
alter table notice add column contact_of text;
