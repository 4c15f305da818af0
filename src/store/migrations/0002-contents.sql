ALTER TABLE contact_state ADD COLUMN trust TEXT NOT NULL DEFAULT 'unverified'
  CHECK (trust IN ('unverified', 'verified', 'changed'));
ALTER TABLE contact_state ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1));

-- When it was written. Of what crossed before this column only the time it was taken is known.
ALTER TABLE message ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE message SET at = coalesce(
  (SELECT taken_at FROM net_inbox AS taken WHERE taken.login = message.login AND taken.chat = message.chat
    AND taken.id = message.id AND taken.sender = message.sender AND taken.kind = 'message'),
  (SELECT created_at FROM net_outbox AS row WHERE row.login = message.login AND row.remote_id = message.id
    AND row.chat = message.chat AND message.sender IS NULL),
  0);
CREATE INDEX message_by_time ON message (login, chat, sender, at);

-- One a person and message; our own person's sender is empty.
CREATE TABLE reaction (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  target TEXT NOT NULL,
  sender TEXT NOT NULL,
  emoji TEXT NOT NULL,
  room TEXT NOT NULL,
  event TEXT,
  row TEXT,
  PRIMARY KEY (login, chat, target, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX reaction_by_event ON reaction (event) WHERE event IS NOT NULL;
CREATE INDEX reaction_by_row ON reaction (row) WHERE row IS NOT NULL;

-- Outlives its login until its file is deleted.
CREATE TABLE media_hosted (
  id TEXT NOT NULL PRIMARY KEY,
  login TEXT NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE hs_outbox ADD COLUMN link_at INTEGER;
UPDATE hs_outbox SET link_at = created_at WHERE link_id IS NOT NULL;
-- A part of a message, or, where only the id is given, what that row made.
ALTER TABLE hs_outbox ADD COLUMN target_login TEXT;
ALTER TABLE hs_outbox ADD COLUMN target_chat TEXT;
ALTER TABLE hs_outbox ADD COLUMN target_id TEXT;
ALTER TABLE hs_outbox ADD COLUMN target_part INTEGER;
ALTER TABLE hs_outbox ADD COLUMN attachment TEXT;
CREATE INDEX hs_outbox_by_link ON hs_outbox (link_login, link_chat, link_id) WHERE ended_at IS NULL;

-- Set aside until the message of that id is there.
ALTER TABLE net_inbox ADD COLUMN parked_for TEXT;
-- What this version could not show, for a later one.
ALTER TABLE net_inbox ADD COLUMN raw BLOB;
DROP INDEX net_inbox_due;
CREATE INDEX net_inbox_due ON net_inbox (login, chat) WHERE ended_at IS NULL AND parked_for IS NULL;
CREATE INDEX net_inbox_parked ON net_inbox (login, chat, parked_for) WHERE parked_for IS NOT NULL;

-- What a message answers was an id alone.
UPDATE net_inbox SET body = json_set(body, '$.message.replyTo',
    json_object('id', body ->> '$.message.replyTo', 'own', json('false')))
  WHERE CASE WHEN json_valid(body) THEN json_type(body, '$.message.replyTo') END = 'text';
UPDATE net_outbox SET outgoing = json_set(outgoing, '$.message.replyTo',
    json_object('id', outgoing ->> '$.message.replyTo', 'own', json('false')))
  WHERE CASE WHEN json_valid(outgoing) THEN json_type(outgoing, '$.message.replyTo') END = 'text';

CREATE INDEX net_outbox_failed ON net_outbox (login, chat) WHERE state = 'failed';
