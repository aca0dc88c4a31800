ALTER TABLE note ADD COLUMN pinned boolean NOT NULL DEFAULT false;

CREATE TABLE tag (
    note_id uuid NOT NULL REFERENCES note (id) ON DELETE CASCADE,
    name    text NOT NULL,
    PRIMARY KEY (note_id, name)
);

-- What was told by colour so far is told by tag as well from now on.
INSERT INTO tag (note_id, name)
SELECT id, 'colour-' || colour FROM note WHERE colour IS NOT NULL;

UPDATE note SET pinned = true WHERE colour = 'red';
