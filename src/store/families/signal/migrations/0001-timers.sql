CREATE TABLE signal_timer (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  seconds INTEGER NOT NULL CHECK (seconds >= 0),
  version INTEGER NOT NULL,
  PRIMARY KEY (login, chat)
) STRICT, WITHOUT ROWID;
