-- Taken over from the bridge's own 0002-contents.sql, which made it in every file so far.
CREATE TABLE IF NOT EXISTS media_hosted (
  id TEXT NOT NULL PRIMARY KEY,
  login TEXT NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
