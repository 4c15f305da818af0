-- A person may have several accounts on a network.
CREATE TABLE login_of_many (
  id TEXT NOT NULL PRIMARY KEY,
  user TEXT NOT NULL,
  network TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'leaving')),
  visible_id TEXT NOT NULL,
  account TEXT NOT NULL,
  consent_version INTEGER NOT NULL,
  consent_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO login_of_many
  SELECT id, user, network, state, visible_id, account, consent_version, consent_at FROM login;
DROP TABLE login;
ALTER TABLE login_of_many RENAME TO login;
CREATE INDEX login_by_user ON login (user, network);
