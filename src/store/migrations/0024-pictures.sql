-- A contact's own picture, by the connector's word for it: none where it is not known, '' where they have none.
ALTER TABLE ghost ADD COLUMN picture TEXT;
ALTER TABLE ghost ADD COLUMN picture_login TEXT NOT NULL DEFAULT '';
-- The picture that was fetched last, and where it is at the homeserver.
ALTER TABLE ghost ADD COLUMN fetched TEXT NOT NULL DEFAULT '';
ALTER TABLE ghost ADD COLUMN picture_uri TEXT NOT NULL DEFAULT '';
CREATE INDEX ghost_unfetched ON ghost (network) WHERE picture <> fetched;
