CREATE TABLE signal_held (
  seq INTEGER PRIMARY KEY,
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  sender TEXT NOT NULL,
  device INTEGER NOT NULL,
  account TEXT NOT NULL CHECK (account IN ('aci', 'pni')),
  timestamp INTEGER NOT NULL,
  at INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;

CREATE INDEX signal_held_chat ON signal_held (login, chat, seq);

-- What is stored about groups was left out until then.
UPDATE signal_storage SET version = 0;
