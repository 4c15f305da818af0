-- What else a queued event shows: the same message, as another login that shares the room has it.
CREATE TABLE hs_outbox_link (
  row TEXT NOT NULL,
  login TEXT NOT NULL,
  sender TEXT,
  PRIMARY KEY (row, login)
) STRICT, WITHOUT ROWID;

-- What happened in a group and is in its room, whichever login it came to: the others' copies are not shown again.
CREATE TABLE group_event (
  network TEXT NOT NULL,
  chat TEXT NOT NULL,
  sender TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (network, chat, id, sender, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_event_by_age ON group_event (at);
CREATE INDEX portal_by_group ON portal (network, chat) WHERE kind = 'group';
