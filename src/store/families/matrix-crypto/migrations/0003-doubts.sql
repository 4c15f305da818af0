ALTER TABLE crypto_device ADD COLUMN identity_key TEXT;
ALTER TABLE crypto_device ADD COLUMN is_doubted INTEGER NOT NULL DEFAULT 0;

ALTER TABLE crypto_sealed ADD COLUMN session TEXT;
ALTER TABLE crypto_sealed ADD COLUMN position INTEGER;
CREATE INDEX crypto_sealed_place ON crypto_sealed (session, position);

CREATE TABLE crypto_session (
  id TEXT PRIMARY KEY,
  bridge_user TEXT NOT NULL,
  room TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX crypto_session_at ON crypto_session (at);
CREATE INDEX crypto_session_room ON crypto_session (room);
