CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT;
INSERT INTO schema_version (version) VALUES (0);

CREATE TABLE login (
  id TEXT NOT NULL PRIMARY KEY,
  user TEXT NOT NULL,
  network TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'leaving')),
  visible_id TEXT NOT NULL,
  account TEXT NOT NULL,
  consent_version INTEGER NOT NULL,
  consent_at INTEGER NOT NULL,
  UNIQUE (user, network)
) STRICT, WITHOUT ROWID;

-- Outlives its login as an archived room, so it refers to none.
CREATE TABLE portal (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  network TEXT NOT NULL,
  person TEXT NOT NULL,
  create_key TEXT NOT NULL,
  room TEXT,
  state TEXT NOT NULL CHECK (state IN ('making', 'open', 'archived')),
  member TEXT NOT NULL CHECK (member IN ('none', 'invited', 'joined', 'left')),
  PRIMARY KEY (login, chat)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX portal_by_room ON portal (room) WHERE room IS NOT NULL;

CREATE TABLE ghost (
  network TEXT NOT NULL,
  person TEXT NOT NULL,
  user TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  profile TEXT NOT NULL CHECK (profile IN ('none', 'registered', 'named')),
  PRIMARY KEY (network, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_state (
  login TEXT NOT NULL,
  person TEXT NOT NULL,
  chat TEXT NOT NULL,
  reachability TEXT NOT NULL,
  PRIMARY KEY (login, person)
) STRICT, WITHOUT ROWID;

-- Two people may use one message id, so the event is part of the key.
CREATE TABLE message (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  id TEXT NOT NULL,
  part INTEGER NOT NULL,
  event TEXT NOT NULL,
  room TEXT NOT NULL,
  sender TEXT,
  PRIMARY KEY (login, chat, id, part, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_by_event ON message (event);

-- The four queues. seq is the order; a row whose ended_at is set keeps only what repeats are known by.
CREATE TABLE hs_inbox (
  seq INTEGER NOT NULL PRIMARY KEY,
  event TEXT NOT NULL UNIQUE,
  room TEXT NOT NULL,
  held INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  body TEXT,
  taken_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX hs_inbox_due ON hs_inbox (held, room) WHERE ended_at IS NULL;

CREATE TABLE hs_outbox (
  seq INTEGER NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  room TEXT NOT NULL,
  sender TEXT NOT NULL,
  type TEXT NOT NULL,
  state_key TEXT,
  content TEXT,
  link_login TEXT,
  link_chat TEXT,
  link_id TEXT,
  link_part INTEGER,
  link_sender TEXT,
  event TEXT,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  tried_at INTEGER,
  ended_at INTEGER
) STRICT;
CREATE INDEX hs_outbox_due ON hs_outbox (room) WHERE ended_at IS NULL;

CREATE TABLE net_inbox (
  seq INTEGER NOT NULL PRIMARY KEY,
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  sender TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  body TEXT,
  taken_at INTEGER NOT NULL,
  ended_at INTEGER,
  UNIQUE (login, chat, id, sender, kind)
) STRICT;
CREATE INDEX net_inbox_due ON net_inbox (login, chat) WHERE ended_at IS NULL;

CREATE TABLE net_outbox (
  seq INTEGER NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  room TEXT NOT NULL,
  event TEXT NOT NULL UNIQUE,
  sender TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  outgoing TEXT,
  sealed BLOB,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'read', 'failed', 'cancelled')),
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX net_outbox_by_remote ON net_outbox (login, remote_id);
CREATE INDEX net_outbox_due ON net_outbox (login, chat) WHERE state = 'queued';

CREATE TABLE dead_letter (
  seq INTEGER NOT NULL PRIMARY KEY,
  direction TEXT NOT NULL CHECK (direction IN ('to-matrix', 'to-network')),
  login TEXT,
  chat TEXT,
  ref TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE management_room (
  user TEXT NOT NULL PRIMARY KEY,
  room TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;

-- Signal. Records are long for keys of a table without rowid; our own identity has the empty address.
CREATE TABLE signal_identity (
  login TEXT NOT NULL,
  address TEXT NOT NULL,
  key BLOB NOT NULL,
  registration_id INTEGER,
  PRIMARY KEY (login, address),
  CHECK ((address = '') = (registration_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE signal_session (
  login TEXT NOT NULL,
  address TEXT NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (login, address)
) STRICT;

CREATE TABLE signal_prekey (
  login TEXT NOT NULL,
  id INTEGER NOT NULL,
  record BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (login, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE signal_signed_prekey (
  login TEXT NOT NULL,
  id INTEGER NOT NULL,
  record BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (login, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE signal_kyber_prekey (
  login TEXT NOT NULL,
  last_resort INTEGER NOT NULL CHECK (last_resort IN (0, 1)),
  id INTEGER NOT NULL,
  record BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (login, last_resort, id)
) STRICT;

-- The highest id ever given to a key of a kind, so that none is used twice after it was removed.
CREATE TABLE signal_prekey_last (
  login TEXT NOT NULL,
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (login, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE signal_kyber_use (
  login TEXT NOT NULL,
  kyber_id INTEGER NOT NULL,
  signed_id INTEGER NOT NULL,
  base_key BLOB NOT NULL,
  PRIMARY KEY (login, kyber_id, signed_id, base_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE sender_key (
  login TEXT NOT NULL,
  address TEXT NOT NULL,
  distribution TEXT NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (login, address, distribution)
) STRICT;
