CREATE TABLE signal_recipient (
  login TEXT NOT NULL,
  person TEXT NOT NULL,
  profile_key BLOB,
  profile_name TEXT,
  profile_avatar TEXT,
  profile_at INTEGER,
  storage_id BLOB,
  pni TEXT,
  number TEXT,
  username TEXT,
  contact_name TEXT,
  nickname TEXT,
  blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
  accepted INTEGER NOT NULL DEFAULT 0 CHECK (accepted IN (0, 1)),
  marked_unread INTEGER NOT NULL DEFAULT 0 CHECK (marked_unread IN (0, 1)),
  muted_until INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (login, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE signal_storage (
  login TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
