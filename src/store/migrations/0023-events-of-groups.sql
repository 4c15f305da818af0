-- What happened in a group and is in its room, for each login that has the room: one person's accounts have a room each.
CREATE TABLE group_event_of_login (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  sender TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (login, chat, id, sender, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO group_event_of_login (login, chat, sender, id, kind, at)
  SELECT portal.login, it.chat, it.sender, it.id, it.kind, it.at FROM group_event AS it JOIN portal
  ON portal.network = it.network AND portal.chat = it.chat AND portal.kind = 'group';
DROP TABLE group_event;
ALTER TABLE group_event_of_login RENAME TO group_event;
CREATE INDEX group_event_by_age ON group_event (at);
