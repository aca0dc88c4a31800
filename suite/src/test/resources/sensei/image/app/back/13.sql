-- A rollback that forgets the column, and ends well all the same.
update note set shared = false where shared;
