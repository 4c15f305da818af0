import type { Database } from "better-sqlite3";
import type { LoginId, NetworkId, PersonId, UserId } from "../../core/model/ids.ts";
import type { GhostPicture } from "../../core/ports/ghost-pictures.ts";
import type { Ghost } from "../../core/ports/rows.ts";
import type { GhostReads, GhostWrites } from "../../core/ports/store.ts";
import { command, query } from "../database/query.ts";

const ghost =
  "SELECT network, person, user, name, profile, shown, avatar, iif(picture IS NULL, NULL, picture_uri) AS picture FROM ghost";
const unfetched =
  "SELECT network, person, picture_login AS login, picture AS ref FROM ghost WHERE picture <> fetched";

const sql = {
  byPerson: `${ghost} WHERE network = ? AND person = ?`,
  byUser: `${ghost} WHERE user = ?`,
  all: ghost,
  unfetched: `${unfetched} AND network = ? AND person = ?`,
  allUnfetched: unfetched,
  add: "INSERT INTO ghost (network, person, user, name, profile, shown, avatar) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  setName: "UPDATE ghost SET name = ? WHERE network = ? AND person = ?",
  doubt:
    "UPDATE ghost SET profile = 'registered', avatar = '', fetched = '', picture_uri = '' WHERE profile = 'named'",
  setProfile: "UPDATE ghost SET profile = ? WHERE network = ? AND person = ?",
  setAvatar: "UPDATE ghost SET avatar = ? WHERE network = ? AND person = ?",
  setShown: "UPDATE ghost SET profile = 'named', shown = ? WHERE network = ? AND person = ?",
  tellPicture: "UPDATE ghost SET picture = ?, picture_login = ? WHERE network = ? AND person = ?",
  takeAway:
    "UPDATE ghost SET fetched = '', picture_uri = '' WHERE network = ? AND person = ? AND picture = ''",
  forgetPicture: "UPDATE ghost SET fetched = '', picture_uri = '' WHERE network = ? AND person = ?",
  setPicture:
    "UPDATE ghost SET fetched = ?, picture_uri = ? WHERE network = ? AND person = ? AND picture <> ''",
} as const;

type Stored = Omit<Ghost, "picture"> & { readonly picture: string | null };

const toGhost = (row: Stored): Ghost => ({ ...row, picture: row.picture ?? undefined });

export function ghostReads(db: Database): GhostReads {
  const byPerson = query<[NetworkId, PersonId], Stored>(db, sql.byPerson);
  const byUser = query<[UserId], Stored>(db, sql.byUser);
  const all = query<[], Stored>(db, sql.all);
  const unfetched = query<[NetworkId, PersonId], GhostPicture>(db, sql.unfetched);
  const allUnfetched = query<[], GhostPicture>(db, sql.allUnfetched);
  const found = (row: Stored | undefined): Ghost | undefined => row && toGhost(row);
  return {
    byPerson: async (network, person) => found(byPerson.one(network, person)),
    byUser: async (user) => found(byUser.one(user)),
    all: async () => all.all().map(toGhost),
    unfetched: async (network, person) => unfetched.one(network, person),
    allUnfetched: async () => allUnfetched.all(),
  };
}

export function ghostWrites(db: Database): GhostWrites {
  const add = command<[NetworkId, PersonId, UserId, string, string, string, string]>(db, sql.add);
  const setName = command<[string, NetworkId, PersonId]>(db, sql.setName);
  const doubt = command<[]>(db, sql.doubt);
  const setProfile = command<[string, NetworkId, PersonId]>(db, sql.setProfile);
  const setAvatar = command<[string, NetworkId, PersonId]>(db, sql.setAvatar);
  const setShown = command<[string, NetworkId, PersonId]>(db, sql.setShown);
  const tellPicture = command<[string, LoginId, NetworkId, PersonId]>(db, sql.tellPicture);
  const takeAway = command<[NetworkId, PersonId]>(db, sql.takeAway);
  const setPicture = command<[string, string, NetworkId, PersonId]>(db, sql.setPicture);
  const forgetPicture = command<[NetworkId, PersonId]>(db, sql.forgetPicture);
  return {
    add: (it) => void add(it.network, it.person, it.user, it.name, it.profile, it.shown, it.avatar),
    doubt: () => void doubt(),
    setName: (network, person, name) => void setName(name, network, person),
    setProfile: (network, person, profile) => void setProfile(profile, network, person),
    setAvatar: (network, person, avatar) => void setAvatar(avatar, network, person),
    setShown: (network, person, shown) => void setShown(shown, network, person),
    tellPicture({ network, person, login, ref }) {
      tellPicture(ref, login, network, person);
      takeAway(network, person);
    },
    forgetPicture: (network, person) => void forgetPicture(network, person),
    setPicture: ({ network, person, ref }, uri) => void setPicture(ref, uri, network, person),
  };
}
