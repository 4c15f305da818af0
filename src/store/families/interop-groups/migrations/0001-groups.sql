-- `about` is JSON; `distribution` names our sender key.
CREATE TABLE interop_group (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  about TEXT NOT NULL,
  at INTEGER NOT NULL,
  distribution TEXT,
  PRIMARY KEY (login, chat)
) STRICT, WITHOUT ROWID;

-- `left_at` is null for members; `holds` is the distribution whose key they were given.
CREATE TABLE interop_member (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  person TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT,
  left_at INTEGER,
  holds TEXT,
  said INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (login, chat, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX interop_member_person ON interop_member (login, person);

-- For which group a member gave us a sender key.
CREATE TABLE interop_sender_key (
  login TEXT NOT NULL,
  person TEXT NOT NULL,
  distribution TEXT NOT NULL,
  chat TEXT NOT NULL,
  PRIMARY KEY (login, person, distribution)
) STRICT, WITHOUT ROWID;
