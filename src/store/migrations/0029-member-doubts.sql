-- How often the room was doubted to show the member: what was read before the latest doubt shows nothing of it.
ALTER TABLE portal_member ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;
