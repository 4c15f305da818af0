-- What was said in a room lately, so that the same words are not said at every event; `kind` is a digest of the words.
CREATE TABLE told (
  room TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (room, kind)
) STRICT, WITHOUT ROWID;

-- The row that marked an event as not delivered, without words.
CREATE TABLE mark (
  event TEXT NOT NULL PRIMARY KEY,
  room TEXT NOT NULL,
  row TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
