alter table note drop column shared;
