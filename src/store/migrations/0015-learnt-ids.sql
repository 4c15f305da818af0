-- An id of ours is given once a login; a row that has another's is called by its own key.
UPDATE net_outbox SET remote_id = upper(replace(id, '-', '')) WHERE EXISTS (SELECT 1 FROM net_outbox AS other
  WHERE other.login = net_outbox.login AND other.remote_id = net_outbox.remote_id AND other.seq < net_outbox.seq);
DROP INDEX net_outbox_by_remote;
CREATE UNIQUE INDEX net_outbox_by_remote ON net_outbox (login, remote_id);

-- The ids of networks that give them to what was sent, beside the keys that stand for it in every other table.
CREATE TABLE learnt_id (
  login TEXT NOT NULL,
  chat TEXT NOT NULL,
  learnt TEXT NOT NULL,
  ours TEXT NOT NULL,
  PRIMARY KEY (login, chat, learnt),
  UNIQUE (login, chat, ours)
) STRICT, WITHOUT ROWID;
