-- What the network wants back with word of the delivery; emptied when the network has that word. It was a record.
ALTER TABLE net_inbox ADD COLUMN receipt TEXT;
UPDATE net_inbox SET receipt = (SELECT value FROM record
    WHERE scope = 'login/' || net_inbox.login AND name = 'sts/' || net_inbox.sender || '/' || net_inbox.id)
  WHERE kind = 'message';
DELETE FROM record WHERE scope GLOB 'login/*' AND name GLOB 'sts/*';
CREATE INDEX net_inbox_unconfirmed ON net_inbox (login) WHERE receipt IS NOT NULL;
