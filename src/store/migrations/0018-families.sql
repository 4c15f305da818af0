-- Families' tables have migrations of their own, see src/store/families; how far each is.
CREATE TABLE family_version (
  family TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
