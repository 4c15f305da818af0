-- The message it refers to was waited for long enough: it is shown without.
ALTER TABLE net_inbox ADD COLUMN overdue INTEGER NOT NULL DEFAULT 0 CHECK (overdue IN (0, 1));

-- When a value is of no use any more; none where it stays.
ALTER TABLE record ADD COLUMN expires_at INTEGER;
UPDATE record SET expires_at = (unixepoch() + 2592000) * 1000 WHERE scope GLOB 'login/*' AND name GLOB 'sts/*';
CREATE INDEX record_expiring ON record (expires_at) WHERE expires_at IS NOT NULL;
