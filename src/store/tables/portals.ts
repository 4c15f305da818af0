import type { Database } from "better-sqlite3";
import type { PortalKey } from "../../core/model/events.ts";
import type { Role } from "../../core/model/groups.ts";
import type { ChatId, LoginId, NetworkId, PersonId, RoomId, UserId } from "../../core/model/ids.ts";
import type { PortalReads, PortalWrites } from "../../core/ports/portal-store.ts";
import type { Portal } from "../../core/ports/rows.ts";
import { command, query } from "../database/query.ts";

const columns = `login, chat, network, kind, person, create_key, room, state, member, name, topic, avatar,
  picture, self, writes, changes, powers`;
const read = `${columns}, untold`;
const sql = {
  /** Open ones first, so that the first says what the room is. */
  ofRoom: `SELECT ${read} FROM portal WHERE room = ?`,
  inRoom: `SELECT ${read} FROM portal WHERE room = ? AND login IN (SELECT id FROM login WHERE user = ?)
    ORDER BY state = 'archived', login LIMIT 1`,
  ofGroup: `SELECT ${read} FROM portal WHERE network = ? AND chat = ? AND kind = 'group' ORDER BY login`,
  byChat: `SELECT ${read} FROM portal WHERE login = ? AND chat = ?`,
  ofLogin: `SELECT ${read} FROM portal WHERE login = ? ORDER BY chat`,
  ofPerson: `SELECT ${read} FROM portal WHERE network = ? AND person = ? ORDER BY login, chat`,
  add: `INSERT INTO portal (${columns}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
    WHERE EXISTS (SELECT 1 FROM login WHERE id = ?)
    AND NOT EXISTS (SELECT 1 FROM former_id WHERE login = ? AND former_chat = ?) ON CONFLICT (login, chat) DO NOTHING`,
  setRoom: "UPDATE portal SET room = ?, picture = '', powers = '' WHERE login = ? AND chat = ?",
  /** A new room shows none of the group's members yet. */
  showAnew: "UPDATE portal_member SET shown = 0, doubts = doubts + 1 WHERE login = ? AND chat = ?",
  setGroup: `UPDATE portal SET name = coalesce(?, name), topic = coalesce(?, topic), avatar = coalesce(?, avatar),
    writes = coalesce(?, writes), changes = coalesce(?, changes)
    WHERE login = ? AND chat = ? AND kind = 'group'`,
  setPicture: "UPDATE portal SET picture = ? WHERE login = ? AND chat = ?",
  /** Another text than any picture's that the room should show. */
  doubtPicture: "UPDATE portal SET picture = avatar || '?' WHERE login = ? AND chat = ? AND kind = 'group'",
  setPowers: "UPDATE portal SET powers = ? WHERE login = ? AND chat = ?",
  /** `powers` is as powersOf of core/chats/groups/group-powers.ts has it. */
  unshown: `SELECT login, chat FROM portal WHERE kind = 'group' AND room IS NOT NULL AND (avatar <> picture
    OR powers <> writes || ' ' || changes OR untold > 0
    OR EXISTS (SELECT 1 FROM portal_member AS it WHERE it.login = portal.login AND it.chat = portal.chat AND shown = 0))`,
  addUntold: "UPDATE portal SET untold = untold + 1 WHERE login = ? AND chat = ? AND kind = 'group'",
  told: "UPDATE portal SET untold = max(0, untold - ?) WHERE login = ? AND chat = ?",
  doubtMembers: "UPDATE portal_member SET shown = 0, doubts = doubts + 1",
  setState: "UPDATE portal SET state = ? WHERE login = ? AND chat = ?",
  doubt:
    "UPDATE portal SET member = iif(member IN ('invited', 'joined'), 'none', member), picture = '', powers = ''",
  setMember: "UPDATE portal SET member = ? WHERE login = ? AND chat = ?",
  remove: "DELETE FROM portal WHERE login = ? AND chat = ?",
  removeMembers: "DELETE FROM portal_member WHERE login = ? AND chat = ?",
  removeEvents: "DELETE FROM group_event WHERE login = ? AND chat = ?",
  removeMessages: "DELETE FROM message WHERE login = ? AND chat = ?",
  removeReactions: "DELETE FROM reaction WHERE login = ? AND chat = ?",
  removeExpiries: "DELETE FROM expiry WHERE login = ? AND chat = ?",
} as const;

interface PortalRow {
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly network: NetworkId;
  readonly kind: Portal["kind"];
  readonly person: PersonId | null;
  readonly create_key: string;
  readonly room: RoomId | null;
  readonly state: Portal["state"];
  readonly member: Portal["member"];
  readonly name: string;
  readonly topic: string;
  readonly avatar: string;
  readonly picture: string;
  readonly self: PersonId | "";
  readonly writes: string;
  readonly changes: string;
  readonly powers: string;
  readonly untold: number;
}

function toPortal({ person, name, topic, avatar, picture, self, powers, untold, ...row }: PortalRow): Portal {
  const { login, chat, network, state, member } = row;
  const common = {
    login,
    chat,
    network,
    createKey: row.create_key,
    room: row.room ?? undefined,
    state,
    member,
  };
  return person === null
    ? {
        ...common,
        kind: "group",
        name,
        topic,
        avatar,
        picture,
        self,
        powers,
        ...(untold === 0 ? {} : { untold }),
        permissions: { writes: roleOf(row.writes), changes: roleOf(row.changes) },
      }
    : { ...common, kind: "direct", person, ...(self === "" ? {} : { self: true }) };
}

/** Of a damaged row everybody may. */
const roleOf = (text: string): Role => (text === "owner" || text === "admin" ? text : "member");

/** Archived ones last; SQLite would sort the one row of most rooms, which takes longer than to read it. */
const openFirst = (one: Portal, other: Portal): number =>
  Number(one.state === "archived") - Number(other.state === "archived") || (one.login < other.login ? -1 : 1);

export function portalReads(db: Database): PortalReads {
  const ofRoom = query<[RoomId], PortalRow>(db, sql.ofRoom);
  const inRoom = query<[RoomId, UserId], PortalRow>(db, sql.inRoom);
  const ofGroup = query<[NetworkId, ChatId], PortalRow>(db, sql.ofGroup);
  const byChat = query<[LoginId, ChatId], PortalRow>(db, sql.byChat);
  const ofLogin = query<[LoginId], PortalRow>(db, sql.ofLogin);
  const unshown = query<[], PortalKey>(db, sql.unshown);
  const ofPerson = query<[NetworkId, PersonId], PortalRow>(db, sql.ofPerson);
  const one = (row: PortalRow | undefined): Portal | undefined => row && toPortal(row);
  return {
    ofRoom: async (room) => ofRoom.all(room).map(toPortal).sort(openFirst),
    inRoom: async (room, user) => one(inRoom.one(room, user)),
    ofGroup: async (network, chat) =>
      ofGroup
        .all(network, chat)
        .map(toPortal)
        .filter((it) => it.kind === "group"),
    byChat: async ({ login, chat }) => one(byChat.one(login, chat)),
    ofLogin: async (login) => ofLogin.all(login).map(toPortal),
    unshown: async () => unshown.all(),
    ofPerson: async (network, person) => ofPerson.all(network, person).map(toPortal),
  };
}

export function portalWrites(db: Database): PortalWrites {
  type InsertParams = [
    ...[login: LoginId, chat: ChatId, network: NetworkId, kind: string, person: PersonId | null],
    ...[createKey: string, room: RoomId | null, state: string, member: string],
    ...[name: string, topic: string, avatar: string, picture: string, self: string],
    ...[writes: string, changes: string, powers: string],
    ...[existing: LoginId, login: LoginId, chat: ChatId],
  ];
  const add = command<InsertParams>(db, sql.add);
  const setRoom = command<[RoomId, LoginId, ChatId]>(db, sql.setRoom);
  const setState = command<[string, LoginId, ChatId]>(db, sql.setState);
  const setMember = command<[string, LoginId, ChatId]>(db, sql.setMember);
  const doubt = command<[]>(db, sql.doubt);
  const remove = command<[LoginId, ChatId]>(db, sql.remove);
  const showAnew = command<[LoginId, ChatId]>(db, sql.showAnew);
  type Changed = string | null;
  const setGroup = command<[Changed, Changed, Changed, Changed, Changed, LoginId, ChatId]>(db, sql.setGroup);
  const setPowers = command<[string, LoginId, ChatId]>(db, sql.setPowers);
  const setPicture = command<[string, LoginId, ChatId]>(db, sql.setPicture);
  const doubtPicture = command<[LoginId, ChatId]>(db, sql.doubtPicture);
  const addUntold = command<[LoginId, ChatId]>(db, sql.addUntold);
  const told = command<[number, LoginId, ChatId]>(db, sql.told);
  const doubtMembers = command<[]>(db, sql.doubtMembers);
  const removeMembers = command<[LoginId, ChatId]>(db, sql.removeMembers);
  const removeEvents = command<[LoginId, ChatId]>(db, sql.removeEvents);
  const removeMessages = command<[LoginId, ChatId]>(db, sql.removeMessages);
  const removeReactions = command<[LoginId, ChatId]>(db, sql.removeReactions);
  const removeExpiries = command<[LoginId, ChatId]>(db, sql.removeExpiries);
  return {
    add(it) {
      const { login, chat, network, kind, createKey, room, state, member } = it;
      const group = kind === "group" ? it : undefined;
      const person = kind === "direct" ? it.person : null;
      const { name = "", topic = "", avatar = "", picture = "", powers = "" } = group ?? {};
      const { writes = "member", changes = "member" } = group?.permissions ?? {};
      const self = kind === "group" ? it.self : it.self ? it.person : "";
      const place = [createKey, room ?? null, state, member] as const;
      add(
        login,
        chat,
        network,
        kind,
        person,
        ...place,
        name,
        topic,
        avatar,
        picture,
        self,
        writes,
        changes,
        powers,
        login,
        login,
        chat,
      );
    },
    setRoom({ login, chat }, room) {
      setRoom(room, login, chat);
      showAnew(login, chat);
    },
    setGroup({ login, chat }, { name, topic, avatar, permissions }) {
      const { writes, changes } = permissions ?? {};
      const allowed = [writes ?? null, changes ?? null] as const;
      setGroup(name ?? null, topic ?? null, avatar ?? null, ...allowed, login, chat);
    },
    setPowers: ({ login, chat }, powers) => void setPowers(powers, login, chat),
    setPicture: ({ login, chat }, avatar) => void setPicture(avatar, login, chat),
    doubtPicture: ({ login, chat }) => void doubtPicture(login, chat),
    addUntold: ({ login, chat }) => void addUntold(login, chat),
    told: ({ login, chat }, changes) => void told(changes, login, chat),
    setState: ({ login, chat }, state) => void setState(state, login, chat),
    setMember: ({ login, chat }, member) => void setMember(member, login, chat),
    doubt() {
      doubt();
      doubtMembers();
    },
    remove({ login, chat }) {
      remove(login, chat);
      removeMembers(login, chat);
      removeEvents(login, chat);
      removeMessages(login, chat);
      removeReactions(login, chat);
      removeExpiries(login, chat);
    },
  };
}
