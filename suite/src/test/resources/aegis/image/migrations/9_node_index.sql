create index note_node on note (node);
