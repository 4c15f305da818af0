-- The name the homeserver shows. Of accounts named before, it is the contact's own and is put right once.
ALTER TABLE ghost ADD COLUMN shown TEXT NOT NULL DEFAULT '';
