ALTER TABLE signal_storage ADD COLUMN master_key BLOB;
