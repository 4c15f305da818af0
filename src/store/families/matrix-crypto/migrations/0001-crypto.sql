CREATE TABLE crypto_database (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  schema TEXT NOT NULL
) STRICT;

CREATE TABLE crypto_store (
  id INTEGER PRIMARY KEY,
  database INTEGER NOT NULL REFERENCES crypto_database (id),
  name TEXT NOT NULL,
  UNIQUE (database, name)
) STRICT;

CREATE TABLE crypto_row (
  store INTEGER NOT NULL REFERENCES crypto_store (id),
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (store, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE crypto_index (
  store INTEGER NOT NULL REFERENCES crypto_store (id),
  name TEXT NOT NULL,
  value BLOB NOT NULL,
  key BLOB NOT NULL,
  PRIMARY KEY (store, name, value, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX crypto_index_of_row ON crypto_index (store, key);

CREATE TABLE crypto_device (
  bridge_user TEXT PRIMARY KEY,
  device TEXT NOT NULL,
  published INTEGER NOT NULL,
  seeds TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE crypto_room (
  id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE crypto_sealed (
  id TEXT PRIMARY KEY,
  content TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX crypto_sealed_at ON crypto_sealed (at);
