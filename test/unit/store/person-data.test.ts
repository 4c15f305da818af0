import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { openDatabase } from "../../../src/store/database/database.ts";
import { families } from "../../../src/store/families/families.ts";

/** Tables whose rows are a login's, a room's or a person's, by their columns. */
const PERSONAL = new Set(["login", "link_login", "target_login", "picture_login", "room", "user", "body"]);
/** A ghost is a contact's account; it goes with the last login that knows them. */
const OF_NOBODY = new Set(["ghost"]);

function personal(): readonly string[] {
  using database = openDatabase({ path: ":memory:" }, families);
  const tables = database.db
    .prepare<[], { readonly name: string; readonly column: string }>(
      `SELECT it.name, col.name AS column FROM sqlite_schema AS it, pragma_table_info(it.name) AS col
        WHERE it.type = 'table'`,
    )
    .all();
  return [...new Set(tables.filter(({ column }) => PERSONAL.has(column)).map(({ name }) => name))];
}

/** Tables that a person is given nothing of, and why. */
const NOT_GIVEN: Readonly<Record<string, string>> = {
  crypto_session: "keys",
  expiry: "with messages",
  ghost: "with contacts",
  group_event: "the bridge's work: which copy of an event was shown",
  hs_outbox: "what is on its way to a room: others' words, or the bot's",
  hs_outbox_link: "with hs_outbox",
  interop_group: "what the portal says of a group",
  interop_member: "what the portal's members say of a group, and who has which key",
  interop_sender_key: "keys",
  learnt_id: "another id of a message",
  mark: "the bridge's work: where a failure was said",
  message_status: "the bridge's work: what a client was told",
  sender_key: "keys",
  signal_account: "keys",
  signal_contact_identity: "keys",
  signal_group: "keys, and what the portal and its members say of a group",
  signal_group_key: "keys",
  signal_held: "what cannot be read until its group is known, in bytes",
  signal_identity: "keys",
  signal_key_holder: "keys",
  signal_kyber_prekey: "keys",
  signal_kyber_use: "keys",
  signal_prekey: "keys",
  signal_prekey_last: "keys",
  signal_sender_key: "keys",
  signal_session: "keys",
  signal_signed_prekey: "keys",
  signal_storage: "the bridge's work: how far the address book was read",
  told: "the bridge's work: which receipts are shown",
  withdrawn: "the bridge's work: which messages are gone",
};

test("every table that tells of a person is among what they are given, or is named with why not", () => {
  const source = readFileSync("src/store/person-data-reads.ts", "utf8");
  const given = new Set(Array.from(source.matchAll(/\bFROM ([a-z_]+) AS it\b/g), ([, table]) => table));
  expect(personal().filter((table) => !given.has(table) && !(table in NOT_GIVEN))).toEqual([]);
});

test("every table that tells of a person is emptied with their login, or with their data", () => {
  const sources = [
    "tables/person-data",
    "tables/logins",
    "families/signal-protocol/signal-keys",
    "families/signal/signal-tables",
    "families/interop-groups/groups",
    "families/matrix-crypto/sessions",
  ]
    .map((file) => readFileSync(`src/store/${file}.ts`, "utf8"))
    .join("\n");
  const handled = new Set(sources.match(/\b[a-z]+(?:_[a-z]+)*\b/g));
  expect(personal().length).toBeGreaterThan(25);
  expect(personal().filter((name) => !handled.has(name) && !OF_NOBODY.has(name))).toEqual([]);
});
