-- One event of several files becomes several messages, each a row: `item` counts them within their event.
CREATE TABLE net_outbox_of_items (
  seq INTEGER NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  room TEXT NOT NULL,
  event TEXT NOT NULL,
  item INTEGER NOT NULL DEFAULT 0,
  sender TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  outgoing TEXT,
  sealed BLOB,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'read', 'failed', 'cancelled')),
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  UNIQUE (event, item)
) STRICT;
INSERT INTO net_outbox_of_items
  SELECT seq, id, login, chat, room, event, 0, sender, remote_id, outgoing, sealed, state, attempts, created_at
  FROM net_outbox;
DROP TABLE net_outbox;
ALTER TABLE net_outbox_of_items RENAME TO net_outbox;
CREATE INDEX net_outbox_by_remote ON net_outbox (login, remote_id);
CREATE INDEX net_outbox_due ON net_outbox (login, chat) WHERE state = 'queued';
CREATE INDEX net_outbox_failed ON net_outbox (login, chat) WHERE state = 'failed';
ALTER TABLE message ADD COLUMN item INTEGER NOT NULL DEFAULT 0;
