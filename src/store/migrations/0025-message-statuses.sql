-- What the status of a person's event shows in its room, without words.
CREATE TABLE message_status (
  event TEXT NOT NULL PRIMARY KEY,
  room TEXT NOT NULL,
  shown TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
