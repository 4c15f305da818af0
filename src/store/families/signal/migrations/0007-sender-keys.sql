CREATE TABLE signal_group_key (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  distribution TEXT NOT NULL,
  PRIMARY KEY (login, chat)
) STRICT;
CREATE TABLE signal_key_holder (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  person TEXT NOT NULL,
  device INTEGER NOT NULL,
  mark TEXT NOT NULL,
  reached INTEGER NOT NULL DEFAULT 0 CHECK (reached IN (0, 1)),
  PRIMARY KEY (login, chat, person, device)
) STRICT;
CREATE INDEX signal_key_holder_person ON signal_key_holder (login, person);
