-- What a message is to those who got it, as far as an edit must know; none where that is not known.
ALTER TABLE message ADD COLUMN form TEXT;

-- The edits of messages, each in an event of its own. `original` is the event of our person's that one changes; a
-- contact's changes a part of a message, and its event is known once its row is sent.
CREATE TABLE revision (
  seq INTEGER NOT NULL PRIMARY KEY,
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  id TEXT NOT NULL,
  part INTEGER NOT NULL,
  sender TEXT,
  room TEXT NOT NULL,
  original TEXT,
  event TEXT,
  row TEXT,
  remote TEXT,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX revision_by_message ON revision (login, chat, id);
CREATE INDEX revision_by_remote ON revision (login, chat, remote) WHERE remote IS NOT NULL;
CREATE INDEX revision_by_original ON revision (original) WHERE original IS NOT NULL;
CREATE INDEX revision_by_event ON revision (event) WHERE event IS NOT NULL;
CREATE INDEX revision_by_row ON revision (row) WHERE row IS NOT NULL;

-- Messages that were deleted, and parts that an edit made needless. Part -1 is the whole; our own person is ''.
CREATE TABLE withdrawn (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  id TEXT NOT NULL,
  sender TEXT NOT NULL,
  part INTEGER NOT NULL,
  PRIMARY KEY (login, chat, id, sender, part)
) STRICT, WITHOUT ROWID;
