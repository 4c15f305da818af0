-- Rooms that chats had before, by which what still happens there is known for theirs.
CREATE TABLE former_room (
  room TEXT NOT NULL PRIMARY KEY,
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  -- What came after it was named by the room itself, as when it was upgraded.
  followed INTEGER NOT NULL CHECK (followed IN (0, 1)),
  -- What was queued for it is queued for the room after it.
  carried INTEGER NOT NULL CHECK (carried IN (0, 1)),
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX former_room_by_chat ON former_room (login, chat);
