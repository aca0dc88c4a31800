CREATE TABLE note (
    id         uuid PRIMARY KEY,
    title      text NOT NULL,
    body       text NOT NULL,
    colour     text,
    write_id   uuid NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX note_updated_at ON note (updated_at);
