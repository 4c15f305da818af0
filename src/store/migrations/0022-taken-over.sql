-- Whose event it was to be, where somebody else sends it: what they were made to send may still come.
ALTER TABLE hs_outbox ADD COLUMN instead_of TEXT;
