-- The least roles that may write in a group, and change it.
ALTER TABLE portal ADD COLUMN writes TEXT NOT NULL DEFAULT 'member';
ALTER TABLE portal ADD COLUMN changes TEXT NOT NULL DEFAULT 'member';
-- Those that the group's room shows, by powersOf of core/chats/groups/group-powers.ts; '' where that is not known.
ALTER TABLE portal ADD COLUMN powers TEXT NOT NULL DEFAULT '';
