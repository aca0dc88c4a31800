UPDATE note SET body = body || E'\n[colour: ' || colour || ']' WHERE colour IS NOT NULL;

ALTER TABLE note DROP COLUMN colour;
