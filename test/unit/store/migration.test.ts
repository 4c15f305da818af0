import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import type { PersonId } from "../../../src/core/model/ids.ts";
import {
  ANA,
  BRAM,
  CHAT,
  contact,
  event,
  GHOST,
  KEY,
  LOGIN,
  link,
  login,
  OTHER_LOGIN,
  portal,
  ROOM,
  remote,
  row,
  START,
  said,
  swept,
} from "../../contract/store-fixtures.ts";
import { fileStore } from "./fixtures.ts";

const text = JSON.stringify(said("hello"));

/** A file as the first version wrote it, with something in every table that changed. */
function firstVersion(path: string): void {
  const db = new Database(path);
  db.exec(readFileSync(new URL("../../../src/store/migrations/0001-text.sql", import.meta.url), "utf8"));
  db.exec("UPDATE schema_version SET version = 1; PRAGMA user_version = 1");
  const insert = (table: string, fields: Readonly<Record<string, string | number | null>>): void => {
    const names = Object.keys(fields);
    db.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`).run(
      ...Object.values(fields),
    );
  };
  const { visibleId, consentVersion, consentAt, id, user, network, state, account } = login();
  insert("login", {
    id,
    user,
    network,
    state,
    account,
    visible_id: visibleId,
    consent_version: consentVersion,
    consent_at: consentAt,
  });
  const { createKey, room, kind: _, self: __, ...chat } = portal();
  insert("portal", { ...chat, room: room ?? null, create_key: createKey });
  insert("contact_state", { login: LOGIN, person: BRAM, chat: CHAT, reachability: "off" });
  const at = { login: LOGIN, chat: CHAT, part: 0, room: ROOM };
  insert("message", { ...at, id: "M1", event: "$theirs", sender: BRAM });
  insert("message", { ...at, id: "O1", event: "$ours", sender: null });
  insert("message", { ...at, id: "M0", event: "$ancient", sender: BRAM });
  const taken = { login: LOGIN, chat: CHAT, sender: BRAM, kind: "message" };
  insert("record", { scope: `login/${LOGIN}`, name: `sts/${BRAM}/M1`, value: "1700000000000001" });
  insert("record", { scope: `login/${LOGIN}`, name: "prekeys", value: "7" });
  insert("net_inbox", { ...taken, seq: 1, id: "M1", taken_at: START + 1, ended_at: START + 2 });
  const reply = { ...said("re"), replyTo: "M1" };
  const body = { kind: "message", chat: CHAT, sender: BRAM, id: "M2", at: START, message: reply };
  insert("net_inbox", { ...taken, seq: 2, id: "M2", body: JSON.stringify(body), taken_at: START + 2 });
  insert("net_inbox", { ...taken, seq: 3, id: "M3", body: "{ damaged", taken_at: START + 3 });
  const sent = { login: LOGIN, chat: CHAT, room: ROOM, sender: ANA };
  const outgoing = `{"kind":"message","message":${text}}`;
  insert("net_outbox", {
    ...sent,
    seq: 1,
    id: "o1",
    event: "$ours",
    remote_id: "O1",
    state: "sent",
    created_at: START + 4,
    outgoing,
  });
  insert("net_outbox", {
    ...sent,
    seq: 2,
    id: "o2",
    event: "$next",
    remote_id: "O2",
    state: "queued",
    created_at: START + 5,
    outgoing,
  });
  insert("hs_outbox", {
    seq: 1,
    id: "h1",
    room: ROOM,
    sender: GHOST,
    type: "m.room.message",
    content: text,
    link_login: LOGIN,
    link_chat: CHAT,
    link_id: "M4",
    link_part: 0,
    link_sender: BRAM,
    created_at: START + 6,
  });
  const ended = { room: ROOM, sender: GHOST, type: "m.room.message", created_at: START, ended_at: START };
  insert("hs_outbox", { ...ended, seq: 2, id: "h2", link_login: LOGIN, link_chat: CHAT, link_id: "dropped" });
  insert("hs_outbox", { ...ended, seq: 3, id: "h3", event: "$theirs" });
  insert("ghost", { network: "whatsapp", person: BRAM, user: GHOST, name: "Bram", profile: "named" });
  insert("ghost", { network: "whatsapp", person: "gone", user: "@g:test", name: "Cas", profile: "named" });
  insert("record", { scope: "excluded", name: `${LOGIN} ${CHAT} status`, value: "told" });
  insert("record", { scope: "excluded", name: `login-gone ${CHAT} status`, value: "told" });
  const event1 = { kind: "message", room: ROOM, sender: ANA, id: "$e", at: START, message: said("e") };
  insert("hs_inbox", {
    seq: 1,
    event: "$e",
    room: ROOM,
    held: 0,
    body: JSON.stringify(event1),
    taken_at: START,
  });
  db.close();
}

test("a file of the first version is opened with everything in it", async () => {
  await using it = fileStore();
  firstVersion(it.path);
  const store = it.open();

  expect(await store.logins.all()).toEqual([login()]);
  expect(await store.portals.byChat(KEY)).toEqual(portal());
  expect(await store.contacts.get(LOGIN, BRAM)).toEqual(contact({ reachability: "off" }));
  const times = await Promise.all(
    ["theirs", "ours", "ancient"].map(async (name) => (await store.messages.byEvent(ROOM, event(name)))?.at),
  );
  expect(times).toEqual([START + 1, START + 4, 0]);
  const places = ["theirs", "ancient", "ours"].map((name) => store.messages.placeOf(ROOM, event(name)));
  expect(await Promise.all(places)).toEqual([3, 0, undefined]);
  expect(await store.matrixInbox.next(ROOM, 9)).toMatchObject([{ event: { id: "$e" } }]);
  expect(await store.networkOutbox.next(KEY, 9)).toMatchObject([
    { id: "o2", outgoing: { kind: "message", message: said("hello") } },
  ]);
  expect(await store.networkInbox.next(KEY, 9)).toMatchObject([
    { event: { id: "M2", message: { replyTo: { id: "M1", own: false } } } },
  ]);
  // What goes with a login is found by its name; of one that went before, nothing is left.
  expect(await store.records.get(`login/${LOGIN}/excluded`, `${CHAT} status`)).toBe("told");
  expect(await store.ghosts.all()).toMatchObject([
    { user: GHOST, name: "Bram", profile: "named", shown: "" },
  ]);
  const file = new Database(it.path, { readonly: true });
  expect(file.prepare("SELECT count(*) FROM record WHERE name LIKE '%gone%'").pluck().get()).toBe(0);
  expect(file.prepare("SELECT link_login, link_id FROM hs_outbox WHERE id = 'h2'").get()).toEqual({
    link_login: null,
    link_id: null,
  });
  file.close();
  expect(await store.networkInbox.damaged(KEY, 9)).toMatchObject([{ id: "M3", body: "{ damaged" }]);

  expect(await store.networkInbox.unconfirmed(LOGIN, 0, 9)).toEqual([
    { seq: 1, chat: CHAT, sender: BRAM, id: "M1", receipt: "1700000000000001" },
  ]);
  expect(await store.records.get(`login/${LOGIN}`, "prekeys")).toBe("7");

  const [waiting] = await store.matrixOutbox.next(ROOM, 9);
  expect(waiting).toMatchObject({ id: "h1", link: link("M4", { at: START + 6 }), target: undefined });
  await store.write((tx) => tx.matrixOutbox.sent(row("h1"), event("new")));
  expect(await store.messages.events(KEY, remote("M4"))).toEqual([
    { ...link("M4", { at: START + 6 }), room: ROOM, event: event("new") },
  ]);
  await store.write((tx) => tx.contacts.setTrust(LOGIN, "cas" as PersonId, CHAT, "changed"));
  expect(await store.contacts.get(LOGIN, "cas" as PersonId)).toMatchObject({ trust: "changed" });
});

/** A file as the bridge wrote it that knew direct chats only. */
function beforeGroups(path: string) {
  const db = new Database(path);
  const folder = new URL("../../../src/store/migrations/", import.meta.url);
  const steps = readdirSync(folder).filter((name) => /^00(0|1[0-4])/.test(name));
  for (const step of steps.sort()) db.exec(readFileSync(new URL(step, folder), "utf8"));
  db.exec("UPDATE schema_version SET version = 14; PRAGMA user_version = 14");
  return db;
}

test("a file in which several messages have one id is opened, and each has its own", async () => {
  await using it = fileStore();
  const db = beforeGroups(it.path);
  const add =
    db.prepare(`INSERT INTO net_outbox (seq, id, login, chat, room, event, sender, remote_id, state, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'SAME', ?, ?)`);
  for (const [seq, login] of [LOGIN, LOGIN, OTHER_LOGIN, LOGIN].entries())
    add.run(seq, `row-${seq}`, login, CHAT, ROOM, `$${seq}`, ANA, seq === 0 ? "sent" : "queued", START);
  db.close();
  const { networkOutbox } = it.open();
  const ids = await Promise.all([0, 1, 2, 3].map((seq) => networkOutbox.byEvent(event(`${seq}`))));
  expect(ids.map((row) => row?.remoteId)).toEqual(["SAME", "ROW1", "SAME", "ROW3"]);
});

test("every chat of a file from before groups is between two, archives too", async () => {
  await using it = fileStore();
  const db = beforeGroups(it.path);
  const add = db.prepare("INSERT INTO portal VALUES (?, ?, 'whatsapp', ?, ?, ?, ?, ?)");
  add.run(LOGIN, CHAT, BRAM, "made-once", ROOM, "open", "joined");
  add.run(LOGIN, "unmade", "other@s", "k2", null, "making", "none");
  add.run("gone", "!archived", "", "", "!archived", "archived", "joined");
  db.close();
  const unmade = { chat: "unmade" as typeof CHAT, person: "other@s" as PersonId, createKey: "k2" };
  const { portals } = it.open();
  expect(await portals.ofLogin(LOGIN)).toEqual([
    portal(),
    portal({ ...unmade, room: undefined, state: "making", member: "none" }),
  ]);
  const archive = (await portals.ofRoom("!archived" as typeof ROOM))[0];
  expect(archive).toMatchObject({ kind: "direct", person: "", state: "archived", member: "joined" });
});

test("what could not be shown stays a month as it came, and nothing else of it", async () => {
  await using it = fileStore();
  const store = it.open();
  const canary = "canary-name";
  const from = { chat: CHAT, sender: BRAM, at: START, id: remote("M1"), senderName: canary };
  const now = Date.now();
  await store.write((tx) =>
    tx.networkInbox.take(LOGIN, { ...from, kind: "unsupported", what: "a game", raw: "AAEC/w==" }, now),
  );
  const [taken] = await store.networkInbox.next(KEY, 1);
  await store.write((tx) => tx.networkInbox.finish(taken?.seq ?? 0));
  const kept = () => {
    const db = new Database(it.path, { readonly: true });
    const rows = db.prepare("SELECT raw, body FROM net_inbox").all();
    db.close();
    return rows;
  };
  expect(kept()).toEqual([{ raw: Buffer.of(0, 1, 2, 255), body: null }]);
  await swept(store, now + 31 * 86_400_000);
  expect(kept()).toEqual([]);
});

test("who has a login in a file of the first version can have another on the network", async () => {
  await using it = fileStore();
  firstVersion(it.path);
  const store = it.open();
  const second = login({ id: OTHER_LOGIN, visibleId: "+31622", consentAt: START + 1 });
  await store.write((tx) => tx.logins.add(second));
  expect(await store.logins.of(ANA, second.network)).toEqual([login(), second]);
});

test("migrations are numbered one after the other, the core's and each family's", () => {
  const { pathname: root } = new URL("../../../src/store/", import.meta.url);
  const folders = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("migrations"),
  );
  expect(folders.length).toBeGreaterThan(1);
  for (const folder of folders) {
    const numbers = readdirSync(`${root}${folder}`).map((name) => Number(name.slice(0, 4)));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
  }
});
