ALTER TABLE signal_recipient ADD COLUMN folded_nickname TEXT;
ALTER TABLE signal_recipient ADD COLUMN folded_contact TEXT;
ALTER TABLE signal_recipient ADD COLUMN folded_profile TEXT;
ALTER TABLE signal_recipient ADD COLUMN folded_username TEXT;
UPDATE signal_recipient SET folded_nickname = folded(nickname), folded_contact = folded(contact_name),
  folded_profile = folded(profile_name), folded_username = folded(username);
CREATE INDEX signal_recipient_nickname ON signal_recipient (login, folded_nickname);
CREATE INDEX signal_recipient_contact ON signal_recipient (login, folded_contact);
CREATE INDEX signal_recipient_profile ON signal_recipient (login, folded_profile);
CREATE INDEX signal_recipient_username ON signal_recipient (login, folded_username);
CREATE INDEX signal_recipient_number ON signal_recipient (login, number);
