-- Which drawn avatar the homeserver shows; accounts made before have none and get one at their next event.
ALTER TABLE ghost ADD COLUMN avatar TEXT NOT NULL DEFAULT '';
