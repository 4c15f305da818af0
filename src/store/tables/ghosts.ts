import type { Database } from "better-sqlite3";
import type { NetworkId, PersonId, UserId } from "../../core/model/ids.ts";
import type { Ghost } from "../../core/ports/rows.ts";
import type { GhostReads, GhostWrites } from "../../core/ports/store.ts";
import { command, query } from "../database/query.ts";

const sql = {
  byPerson:
    "SELECT network, person, user, name, profile, shown, avatar FROM ghost WHERE network = ? AND person = ?",
  byUser: "SELECT network, person, user, name, profile, shown, avatar FROM ghost WHERE user = ?",
  all: "SELECT network, person, user, name, profile, shown, avatar FROM ghost",
  add: "INSERT INTO ghost (network, person, user, name, profile, shown, avatar) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (network, person) DO NOTHING",
  setName: "UPDATE ghost SET name = ? WHERE network = ? AND person = ?",
  doubt: "UPDATE ghost SET profile = 'registered', avatar = '' WHERE profile = 'named'",
  setProfile: "UPDATE ghost SET profile = ? WHERE network = ? AND person = ?",
  setAvatar: "UPDATE ghost SET avatar = ? WHERE network = ? AND person = ?",
  setShown: "UPDATE ghost SET profile = 'named', shown = ? WHERE network = ? AND person = ?",
} as const;

export function ghostReads(db: Database): GhostReads {
  const byPerson = query<[NetworkId, PersonId], Ghost>(db, sql.byPerson);
  const byUser = query<[UserId], Ghost>(db, sql.byUser);
  const all = query<[], Ghost>(db, sql.all);
  return {
    byPerson: async (network, person) => byPerson.one(network, person),
    byUser: async (user) => byUser.one(user),
    all: async () => all.all(),
  };
}

export function ghostWrites(db: Database): GhostWrites {
  const add = command<[NetworkId, PersonId, UserId, string, string, string, string]>(db, sql.add);
  const setName = command<[string, NetworkId, PersonId]>(db, sql.setName);
  const doubt = command<[]>(db, sql.doubt);
  const setProfile = command<[string, NetworkId, PersonId]>(db, sql.setProfile);
  const setAvatar = command<[string, NetworkId, PersonId]>(db, sql.setAvatar);
  const setShown = command<[string, NetworkId, PersonId]>(db, sql.setShown);
  return {
    add: (it) => void add(it.network, it.person, it.user, it.name, it.profile, it.shown, it.avatar),
    doubt: () => void doubt(),
    setName: (network, person, name) => void setName(name, network, person),
    setProfile: (network, person, profile) => void setProfile(profile, network, person),
    setAvatar: (network, person, avatar) => void setAvatar(avatar, network, person),
    setShown: (network, person, shown) => void setShown(shown, network, person),
  };
}
