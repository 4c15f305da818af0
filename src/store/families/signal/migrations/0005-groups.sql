CREATE TABLE signal_group (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  master_key BLOB NOT NULL,
  revision INTEGER NOT NULL DEFAULT -1,
  state TEXT,
  storage_id BLOB,
  blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
  accepted INTEGER NOT NULL DEFAULT 0 CHECK (accepted IN (0, 1)),
  archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  marked_unread INTEGER NOT NULL DEFAULT 0 CHECK (marked_unread IN (0, 1)),
  muted_until INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (login, chat)
) STRICT;
