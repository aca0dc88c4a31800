alter table note drop column tags;
