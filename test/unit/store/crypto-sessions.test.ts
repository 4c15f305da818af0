import { expect, test } from "@jest/globals";
import type { LoginId } from "../../../src/core/model/ids.ts";
import { encodeKey } from "../../../src/matrix/crypto/indexed-db/keys.ts";
import { openDatabase } from "../../../src/store/database/database.ts";
import { families } from "../../../src/store/families/families.ts";
import { forgetLogin } from "../../../src/store/families/matrix-crypto/sessions.ts";

const BOT = "@bot:test";

test("with a login goes what its rooms' messages are read with, but for the rooms that others have", () => {
  using database = openDatabase({ path: ":memory:" }, families);
  const { db } = database;
  const portal = db.prepare(
    `INSERT INTO portal (login, chat, network, person, create_key, room, state, member, kind)
      VALUES (?, ?, 'whatsapp', 'p', ?, ?, 'open', 'joined', 'direct')`,
  );
  portal.run("mine", "alone", "1", "!alone:test");
  portal.run("mine", "group", "2", "!shared:test");
  portal.run("theirs", "group", "3", "!shared:test");
  portal.run("theirs", "other", "4", "!theirs:test");
  db.exec(`INSERT INTO crypto_database (id, name, schema) VALUES (1, '${BOT}/DEVICE::matrix-sdk-crypto', '{}');
    INSERT INTO crypto_store (id, database, name) VALUES (1, 1, 'inbound_group_sessions3')`);
  for (const room of ["!alone:test", "!shared:test", "!theirs:test"]) {
    const key = encodeKey(`${room}\u001dof ${room}`);
    db.prepare("INSERT INTO crypto_row (store, key, value) VALUES (1, ?, x'00')").run(key);
    db.prepare("INSERT INTO crypto_index (store, name, value, key) VALUES (1, 'i', x'00', ?)").run(key);
    db.prepare("INSERT INTO crypto_session (id, bridge_user, room, at) VALUES (?, ?, ?, 1)").run(
      `of ${room}`,
      BOT,
      room,
    );
    db.prepare("INSERT INTO crypto_opened (session, position, event) VALUES (?, 0, '$e')").run(`of ${room}`);
  }
  forgetLogin(db)("mine" as LoginId);
  const left = (sql: string): unknown[] => db.prepare<[]>(sql).pluck().all();
  const kept = ["of !shared:test", "of !theirs:test"];
  expect(left("SELECT id FROM crypto_session ORDER BY id")).toEqual(kept);
  expect(left("SELECT session FROM crypto_opened ORDER BY session")).toEqual(kept);
  expect(left("SELECT count(*) FROM crypto_row")).toEqual([2]);
  expect(left("SELECT count(*) FROM crypto_index")).toEqual([2]);
});
