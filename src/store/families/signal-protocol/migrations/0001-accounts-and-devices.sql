-- Takes over the tables that the bridge's own 0001-text.sql made in every file so far. What was one account a login and
-- one device a person has both in its keys: the account is Signal's ACI or PNI, a device's number is 1 to 127.
CREATE TABLE signal_account (
  login TEXT NOT NULL,
  account TEXT NOT NULL,
  key BLOB NOT NULL,
  registration_id INTEGER NOT NULL,
  PRIMARY KEY (login, account)
) STRICT, WITHOUT ROWID;

INSERT INTO signal_account (login, account, key, registration_id)
  SELECT login, 'aci', key, registration_id FROM signal_identity WHERE address = '';

-- A person has one identity, whichever of their devices and of our accounts it is met by.
CREATE TABLE signal_contact_identity (
  login TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  key BLOB NOT NULL,
  PRIMARY KEY (login, name)
) STRICT, WITHOUT ROWID;

INSERT INTO signal_contact_identity (login, name, key)
  SELECT login, address, key FROM signal_identity WHERE address <> '';
DROP TABLE signal_identity;

-- Records are long for keys of a table without rowid.
ALTER TABLE signal_session RENAME TO taken_over;
CREATE TABLE signal_session (
  login TEXT NOT NULL,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  device INTEGER NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (login, account, name, device)
) STRICT;
INSERT INTO signal_session (login, account, name, device, record)
  SELECT login, 'aci', address, 1, record FROM taken_over;
DROP TABLE taken_over;

ALTER TABLE signal_prekey RENAME TO taken_over;
CREATE TABLE signal_prekey (
  login TEXT NOT NULL,
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  record BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (login, account, id)
) STRICT, WITHOUT ROWID;
INSERT INTO signal_prekey (login, account, id, record, made_at)
  SELECT login, 'aci', id, record, made_at FROM taken_over;
DROP TABLE taken_over;

ALTER TABLE signal_signed_prekey RENAME TO taken_over;
CREATE TABLE signal_signed_prekey (
  login TEXT NOT NULL,
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  record BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (login, account, id)
) STRICT, WITHOUT ROWID;
INSERT INTO signal_signed_prekey (login, account, id, record, made_at)
  SELECT login, 'aci', id, record, made_at FROM taken_over;
DROP TABLE taken_over;

ALTER TABLE signal_kyber_prekey RENAME TO taken_over;
CREATE TABLE signal_kyber_prekey (
  login TEXT NOT NULL,
  account TEXT NOT NULL,
  last_resort INTEGER NOT NULL CHECK (last_resort IN (0, 1)),
  id INTEGER NOT NULL,
  record BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (login, account, last_resort, id)
) STRICT;
INSERT INTO signal_kyber_prekey (login, account, last_resort, id, record, made_at)
  SELECT login, 'aci', last_resort, id, record, made_at FROM taken_over;
DROP TABLE taken_over;

-- The highest id ever given to a key of a kind, so that none is used twice after it was removed.
ALTER TABLE signal_prekey_last RENAME TO taken_over;
CREATE TABLE signal_prekey_last (
  login TEXT NOT NULL,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (login, account, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO signal_prekey_last (login, account, kind, id) SELECT login, 'aci', kind, id FROM taken_over;
DROP TABLE taken_over;

ALTER TABLE signal_kyber_use RENAME TO taken_over;
CREATE TABLE signal_kyber_use (
  login TEXT NOT NULL,
  account TEXT NOT NULL,
  kyber_id INTEGER NOT NULL,
  signed_id INTEGER NOT NULL,
  base_key BLOB NOT NULL,
  PRIMARY KEY (login, account, kyber_id, signed_id, base_key)
) STRICT, WITHOUT ROWID;
INSERT INTO signal_kyber_use (login, account, kyber_id, signed_id, base_key)
  SELECT login, 'aci', kyber_id, signed_id, base_key FROM taken_over;
DROP TABLE taken_over;

-- No bridge has written sender keys so far.
DROP TABLE sender_key;
CREATE TABLE signal_sender_key (
  login TEXT NOT NULL,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  device INTEGER NOT NULL,
  distribution TEXT NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (login, account, name, device, distribution)
) STRICT;
