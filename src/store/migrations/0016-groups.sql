-- A chat is direct, with one contact, or a group. Two logins of one group share its room.
CREATE TABLE portal_of_kinds (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  network TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('direct', 'group')),
  person TEXT,
  create_key TEXT NOT NULL,
  room TEXT,
  state TEXT NOT NULL CHECK (state IN ('making', 'open', 'archived')),
  member TEXT NOT NULL CHECK (member IN ('none', 'invited', 'joined', 'left')),
  -- Of a group, as the network gave them last; a direct chat is called as its contact.
  name TEXT NOT NULL DEFAULT '',
  topic TEXT NOT NULL DEFAULT '',
  avatar TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (login, chat),
  CHECK ((kind = 'direct') = (person IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO portal_of_kinds (login, chat, network, kind, person, create_key, room, state, member)
  SELECT login, chat, network, 'direct', person, create_key, room, state, member FROM portal;
DROP TABLE portal;
ALTER TABLE portal_of_kinds RENAME TO portal;
CREATE INDEX portal_by_room ON portal (room) WHERE room IS NOT NULL;
CREATE INDEX portal_by_person ON portal (network, person) WHERE person IS NOT NULL;

CREATE TABLE portal_member (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  -- Empty for the login's own person.
  person TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
  membership TEXT NOT NULL CHECK (membership IN ('joined', 'left')),
  -- Whether the room shows it.
  shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
  PRIMARY KEY (login, chat, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_member_unshown ON portal_member (login, chat) WHERE shown = 0;
