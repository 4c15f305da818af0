-- When a row was first tried was written in an outage, with a commit of its own, and asked for by nobody.
ALTER TABLE hs_outbox DROP COLUMN tried_at;
