-- The messages that disappear, and when; a row ends with its message. An empty sender is our own person.
CREATE TABLE expiry (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  id TEXT NOT NULL,
  sender TEXT NOT NULL,
  seconds INTEGER NOT NULL,
  -- NULL until its receiver has read it.
  due INTEGER,
  PRIMARY KEY (login, chat, id, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX expiry_due ON expiry (login, due) WHERE due IS NOT NULL;
