-- Ids by which a contact and their chat were known before it was proved who they are.
CREATE TABLE former_id (
  login TEXT NOT NULL,
  former_chat TEXT NOT NULL,
  former_person TEXT NOT NULL,
  chat TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (login, former_chat)
) STRICT, WITHOUT ROWID;
