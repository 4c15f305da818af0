-- An id of ours is given once a login.
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
