-- How many changes of a group its room is yet to be told of, where there were too many to tell of each.
ALTER TABLE portal ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;
