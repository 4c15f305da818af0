/** Every table of the first version. The keys of persons and of the server are test keys, stored in the clear. */
const first = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE network (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
CREATE TABLE account (
  id INTEGER PRIMARY KEY, network TEXT NOT NULL, integrator INTEGER NOT NULL, iss TEXT NOT NULL, sub TEXT NOT NULL,
  jkt TEXT NOT NULL, name TEXT, state TEXT NOT NULL, registration INTEGER, identity BLOB
) STRICT;
CREATE INDEX account_sub ON account (network, sub, state);
CREATE TABLE token_used (iss TEXT, jti TEXT, expires INTEGER NOT NULL, PRIMARY KEY (iss, jti)) STRICT, WITHOUT ROWID;
CREATE TABLE held_prekey (
  owner TEXT, kind TEXT, id INTEGER, value BLOB NOT NULL, signature BLOB, given INTEGER NOT NULL DEFAULT 0,
  connection TEXT, PRIMARY KEY (owner, kind, id)
) STRICT;
CREATE INDEX held_free ON held_prekey (owner, kind, given, id);
CREATE TABLE mailbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, class TEXT NOT NULL, id TEXT NOT NULL,
  peer TEXT NOT NULL, type TEXT NOT NULL, stanza BLOB NOT NULL, load INTEGER
) STRICT;
CREATE INDEX mailbox_account ON mailbox (account, seq);
CREATE TABLE person (
  id TEXT PRIMARY KEY, network TEXT NOT NULL, jid TEXT NOT NULL UNIQUE, name TEXT NOT NULL, phone TEXT, username TEXT,
  opted_in INTEGER NOT NULL, apps TEXT NOT NULL, online INTEGER NOT NULL, inbox_mode TEXT NOT NULL,
  gone INTEGER NOT NULL, load INTEGER NOT NULL, registration INTEGER NOT NULL, identity BLOB NOT NULL,
  next_prekey INTEGER NOT NULL
) STRICT;
CREATE INDEX person_phone ON person (network, phone);
CREATE INDEX person_username ON person (network, username);
CREATE TABLE signal_session (person TEXT, address TEXT, record BLOB NOT NULL, PRIMARY KEY (person, address)) STRICT, WITHOUT ROWID;
CREATE TABLE signal_identity (person TEXT, address TEXT, key BLOB NOT NULL, PRIMARY KEY (person, address)) STRICT, WITHOUT ROWID;
CREATE TABLE signal_prekey (
  person TEXT, kind TEXT, id INTEGER, record BLOB NOT NULL, PRIMARY KEY (person, kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE signal_kyber_used (
  person TEXT, kyber INTEGER, signed INTEGER, base BLOB, PRIMARY KEY (person, kyber, signed, base)
) STRICT, WITHOUT ROWID;
CREATE TABLE sent (
  person TEXT, account INTEGER, id TEXT, sts INTEGER NOT NULL, plaintext BLOB NOT NULL, type TEXT NOT NULL,
  retries INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0, load INTEGER,
  PRIMARY KEY (account, id, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, account INTEGER NOT NULL, id TEXT NOT NULL,
  kind TEXT NOT NULL, item TEXT NOT NULL
) STRICT;
CREATE INDEX inbox_person ON inbox (person, seq);
CREATE INDEX inbox_id ON inbox (person, id);
CREATE TABLE undecrypted (
  person TEXT, account INTEGER, id TEXT, attempts INTEGER NOT NULL, PRIMARY KEY (person, account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_load ON sent (load) WHERE load IS NOT NULL;
CREATE TABLE waiting (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, account INTEGER NOT NULL, stanza BLOB NOT NULL
) STRICT;
CREATE INDEX waiting_person ON waiting (person, seq);
CREATE TABLE relation (person TEXT, account INTEGER, PRIMARY KEY (person, account)) STRICT, WITHOUT ROWID;
CREATE TABLE block (person TEXT, account INTEGER, by TEXT, PRIMARY KEY (person, account, by)) STRICT, WITHOUT ROWID;
CREATE TABLE report (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL) STRICT;
CREATE TABLE violation (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL) STRICT;
CREATE TABLE fault (id INTEGER PRIMARY KEY AUTOINCREMENT, spec TEXT NOT NULL, seen INTEGER NOT NULL, used INTEGER NOT NULL) STRICT;
CREATE TABLE load (
  id INTEGER PRIMARY KEY AUTOINCREMENT, spec TEXT NOT NULL, sent INTEGER NOT NULL, ms INTEGER NOT NULL
) STRICT;
`;

const media = `
CREATE TABLE hosted_media (network TEXT, id TEXT, bytes BLOB NOT NULL, PRIMARY KEY (network, id)) STRICT;
CREATE TABLE phone_file (
  person TEXT, id TEXT, kind TEXT NOT NULL, mimetype TEXT NOT NULL, url TEXT, integrator INTEGER NOT NULL,
  length INTEGER NOT NULL, sha256 BLOB NOT NULL, enc_sha256 BLOB NOT NULL, key BLOB NOT NULL, plain BLOB,
  PRIMARY KEY (person, id)
) STRICT;
`;

/** An index by random ids writes a page for each message; phone-inboxes.ts holds the ids in memory instead. */
const fewerIndices = "DROP INDEX inbox_id";

/** The person's own acts, in one order with what came: `phone-inboxes.ts` tells them apart. */
const ownItems = "ALTER TABLE inbox ADD COLUMN own INTEGER NOT NULL DEFAULT 0";

/** What a person's profile shows, as JSON; see `profile-picture.ts`. */
const pictures = "ALTER TABLE person ADD COLUMN picture TEXT";

/**
 * Groups, and who has whose sender key in them. `left` counts those who have left: a person's key of an earlier count is
 * replaced at their next message. Elsewhere a group's number stands negative where an account's would stand.
 */
const groups = `
CREATE TABLE chat_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT NOT NULL UNIQUE, network TEXT NOT NULL, creator TEXT NOT NULL, key TEXT,
  subject TEXT NOT NULL, description TEXT NOT NULL DEFAULT '', picture TEXT, announcement INTEGER NOT NULL DEFAULT 0,
  locked INTEGER NOT NULL DEFAULT 0, left INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX chat_group_key ON chat_group (creator, key);
CREATE TABLE group_member (
  chat INTEGER, person TEXT, account INTEGER, part TEXT NOT NULL, PRIMARY KEY (chat, person, account)
) STRICT;
CREATE INDEX group_member_person ON group_member (person, account);
CREATE TABLE group_message (
  chat INTEGER, account INTEGER, id TEXT, sts INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (chat, account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE sender_key (
  person TEXT, address TEXT, distribution TEXT, record BLOB NOT NULL, PRIMARY KEY (person, address, distribution)
) STRICT, WITHOUT ROWID;
CREATE TABLE own_sender_key (
  person TEXT, chat INTEGER, distribution TEXT NOT NULL, left INTEGER NOT NULL, PRIMARY KEY (person, chat)
) STRICT, WITHOUT ROWID;
CREATE TABLE own_key_holder (person TEXT, chat INTEGER, account INTEGER, PRIMARY KEY (person, chat, account)) STRICT, WITHOUT ROWID;
CREATE TABLE key_given (chat INTEGER, account INTEGER, member TEXT, PRIMARY KEY (chat, account, member)) STRICT, WITHOUT ROWID;
`;

/** What each version of the file adds to the one before; only ever appended to. */
export const schemaSteps: readonly string[] = [first, media, fewerIndices, ownItems, pictures, groups];
