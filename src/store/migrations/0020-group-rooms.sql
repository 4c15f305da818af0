-- The picture that a group's room shows, by the connector's word for it.
ALTER TABLE portal ADD COLUMN picture TEXT NOT NULL DEFAULT '';
-- By which the others in a group know the login's person.
ALTER TABLE portal ADD COLUMN self TEXT NOT NULL DEFAULT '';
