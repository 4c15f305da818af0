-- Where a contact's message stands in the order in which its room was sent to; 0 where that is not known any more.
ALTER TABLE message ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
CREATE INDEX hs_outbox_by_event ON hs_outbox (event) WHERE event IS NOT NULL;
UPDATE message SET place = coalesce((SELECT seq FROM hs_outbox WHERE hs_outbox.event = message.event), 0)
  WHERE sender IS NOT NULL;
DROP INDEX hs_outbox_by_event;
