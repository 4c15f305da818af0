import type { NetworkName } from "../config.ts";
import type { Db } from "./database.ts";

type InboxMode = "separate" | "combined";

/** Where the media host has a person's picture, and what opens it; bytes as base64. */
export interface ProfilePicture {
  readonly id: string;
  readonly key: string;
  readonly sha256: string;
  readonly encSha256: string;
  readonly length: number;
}

/** A person's profile and settings; keys and messages have tables of their own. */
export interface PersonRow {
  readonly id: string;
  readonly network: NetworkName;
  readonly jid: string;
  readonly name: string;
  /** E.164, always there for WhatsApp. */
  readonly phone: string | null;
  readonly username: string | null;
  /** Third-party chats are on. */
  readonly optedIn: boolean;
  /** The integrators this person lets write to them. */
  readonly apps: readonly number[];
  readonly online: boolean;
  readonly inboxMode: InboxMode;
  /** Left the network for good. */
  readonly gone: boolean;
  /** What everybody sees of them; null for nothing. */
  readonly picture: ProfilePicture | null;
  /** Made by a load run. */
  readonly load: boolean;
}

interface Stored
  extends Omit<PersonRow, "optedIn" | "apps" | "online" | "gone" | "load" | "inboxMode" | "picture"> {
  readonly opted_in: number;
  readonly apps: string;
  readonly online: number;
  readonly inbox_mode: InboxMode;
  readonly gone: number;
  readonly load: number;
  readonly picture: string | null;
}

export interface PersonSecrets {
  readonly registration: number;
  readonly identity: Uint8Array;
}

const toRow = ({ opted_in, apps, online, inbox_mode, gone, load, picture, ...rest }: Stored): PersonRow => ({
  ...rest,
  optedIn: opted_in === 1,
  apps: JSON.parse(apps) as number[],
  online: online === 1,
  inboxMode: inbox_mode,
  gone: gone === 1,
  load: load === 1,
  picture: picture === null ? null : (JSON.parse(picture) as ProfilePicture),
});
const toStored = ({ optedIn, apps, online, inboxMode, gone, load, picture, ...rest }: PersonRow): Stored => ({
  ...rest,
  opted_in: Number(optedIn),
  apps: JSON.stringify(apps),
  online: Number(online),
  inbox_mode: inboxMode,
  gone: Number(gone),
  load: Number(load),
  picture: picture && JSON.stringify(picture),
});

const columns =
  "id, network, jid, name, phone, username, opted_in, apps, online, inbox_mode, gone, load, picture";

/** The gatekeeper's own users. Writing functions are to be called inside a commit. */
export function personTable(db: Db) {
  const all = db.prepare<[], Stored>(`SELECT ${columns} FROM person ORDER BY rowid`);
  const insert = db.prepare(
    `INSERT INTO person (${columns}, registration, identity, next_prekey)
     VALUES (@id, @network, @jid, @name, @phone, @username, @opted_in, @apps, @online, @inbox_mode, @gone, @load, @picture,
       @registration, @identity, 1)`,
  );
  const update = db.prepare(
    `UPDATE person SET jid = @jid, name = @name, phone = @phone, opted_in = @opted_in, apps = @apps, online = @online,
       inbox_mode = @inbox_mode, gone = @gone, picture = @picture WHERE id = @id`,
  );
  const secrets = db.prepare<[string], PersonSecrets>(
    "SELECT registration, identity FROM person WHERE id = ?",
  );
  const setSecrets = db.prepare("UPDATE person SET registration = ?, identity = ? WHERE id = ?");
  const nextPrekey = db.prepare<[string], { next: number }>(
    "SELECT next_prekey AS next FROM person WHERE id = ?",
  );
  const setNextPrekey = db.prepare("UPDATE person SET next_prekey = ? WHERE id = ?");
  const byJid = db.prepare<[string]>("SELECT 1 FROM person WHERE jid = ? AND gone = 0");
  const release = db.prepare("UPDATE person SET jid = 'left:' || id WHERE jid = ? AND gone = 1");
  const byPhone = db.prepare<[string, string]>(
    "SELECT 1 FROM person WHERE network = ? AND phone = ? AND gone = 0",
  );
  const byUsername = db.prepare<[string, string]>(
    "SELECT 1 FROM person WHERE network = ? AND username = ? AND gone = 0",
  );
  const lastNumber = db.prepare<[], { n: number | null }>(
    "SELECT max(CAST(substr(id, instr(id, '-') + 1) AS INTEGER)) AS n FROM person",
  );
  return {
    all: (): readonly PersonRow[] => all.all().map(toRow),
    has: (jid: string): boolean => byJid.get(jid) !== undefined,
    /** Takes an address away from a person who has left, so that another can have it. */
    release: (jid: string): void => void release.run(jid),
    hasPhone: (network: NetworkName, phone: string): boolean => byPhone.get(network, phone) !== undefined,
    hasUsername: (network: NetworkName, name: string): boolean => byUsername.get(network, name) !== undefined,
    /** The greatest number in an id; nobody is ever deleted. */
    lastNumber: (): number => lastNumber.get()?.n ?? 0,
    insert: (row: PersonRow, of: PersonSecrets): void => void insert.run({ ...toStored(row), ...of }),
    update: (row: PersonRow): void => void update.run(toStored(row)),
    secrets: (id: string): PersonSecrets | undefined => secrets.get(id),
    setSecrets: (id: string, of: PersonSecrets): void =>
      void setSecrets.run(of.registration, of.identity, id),
    /** Sets prekey ids aside; the first of them is returned. Ids are 24 bits and never come again. */
    reservePrekeys(id: string, howMany: number): number {
      const first = nextPrekey.get(id)?.next ?? 1;
      setNextPrekey.run(first + howMany, id);
      return first;
    },
  };
}
export type PersonTable = ReturnType<typeof personTable>;
