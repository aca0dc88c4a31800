alter table project drop column rules;
