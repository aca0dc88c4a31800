alter table project drop column parallel;
