import type { Db } from "../state/database.ts";

/** A group's place among the accounts of messages and inboxes. */
export const chatNumber = ({ id }: { readonly id: number }): number => -id;

interface GroupMessage {
  readonly chat: number;
  readonly account: number;
  readonly id: string;
  readonly sts: number;
  /** Of its ciphertext. */
  readonly digest: Uint8Array;
}

/** Who has whose sender key, and what integrators' users wrote in groups. Writing functions are to be called inside a commit. */
export function groupMessageTables(db: Db) {
  const own = db.prepare<[string, number], { distribution: string; left: number }>(
    "SELECT distribution, left FROM own_sender_key WHERE person = ? AND chat = ?",
  );
  const putOwn = db.prepare(
    "INSERT OR REPLACE INTO own_sender_key (person, chat, distribution, left) VALUES (?, ?, ?, ?)",
  );
  const holders = db.prepare<[string, number], { account: number }>(
    "SELECT account FROM own_key_holder WHERE person = ? AND chat = ?",
  );
  const addHolder = db.prepare(
    "INSERT OR IGNORE INTO own_key_holder (person, chat, account) VALUES (?, ?, ?)",
  );
  const noHolders = db.prepare("DELETE FROM own_key_holder WHERE person = ? AND chat = ?");
  const dropHolder = db.prepare("DELETE FROM own_key_holder WHERE person = ? AND chat = ? AND account = ?");
  const given = db.prepare<[number, number], { member: string }>(
    "SELECT member FROM key_given WHERE chat = ? AND account = ?",
  );
  const give = db.prepare("INSERT OR IGNORE INTO key_given (chat, account, member) VALUES (?, ?, ?)");
  const takeAll = db.prepare("DELETE FROM key_given WHERE chat = ?");
  const message = db.prepare<[number, number, string], GroupMessage>(
    "SELECT * FROM group_message WHERE chat = ? AND account = ? AND id = ?",
  );
  const putMessage = db.prepare(
    "INSERT OR IGNORE INTO group_message (chat, account, id, sts, digest) VALUES (?, ?, ?, ?, ?)",
  );
  const userOf = db.prepare<[number, string], { account: number }>(
    "SELECT account FROM group_message WHERE chat = ? AND id = ?",
  );
  const personOf = db.prepare<[number, string], { person: string }>(
    "SELECT person FROM sent WHERE account = ? AND id = ?",
  );
  const forget = ["group_member", "own_key_holder", "key_given", "group_message"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE account = ?`),
  );
  return {
    /** The distribution of a person's own sender key, unless somebody has left since it was made. */
    ownKey(person: string, group: { readonly id: number; readonly left: number }): string | undefined {
      const key = own.get(person, group.id);
      return key?.left === group.left ? key.distribution : undefined;
    },
    putOwnKey(person: string, group: { readonly id: number; readonly left: number }, distribution: string) {
      putOwn.run(person, group.id, distribution, group.left);
      noHolders.run(person, group.id);
    },
    holders: (person: string, group: number): readonly number[] =>
      holders.all(person, group).map(({ account }) => account),
    addHolder: (person: string, group: number, account: number): void =>
      void addHolder.run(person, group, account),
    dropHolder: (person: string, group: number, account: number): void =>
      void dropHolder.run(person, group, account),
    /** The members to whom this account gave a sender key, by JID or a person's id. */
    keyGiven: (group: number, account: number): ReadonlySet<string> =>
      new Set(given.all(group, account).map(({ member }) => member)),
    giveKey: (group: number, account: number, member: string): void => void give.run(group, account, member),
    /** Somebody has left: whoever writes gives everybody a new key. */
    takeKeys: (group: number): void => void takeAll.run(group),
    message: (group: number, account: number, id: string): GroupMessage | undefined =>
      message.get(group, account, id),
    putMessage: ({ chat, account, id, sts, digest }: GroupMessage): void =>
      void putMessage.run(chat, account, id, sts, digest),
    /** The account or person whose message of the group has this id. */
    authorOf(group: number, id: string): { readonly account?: number; readonly person?: string } {
      return userOf.get(chatNumber({ id: group }), id) ?? personOf.get(chatNumber({ id: group }), id) ?? {};
    },
    forgetAccount(account: number): void {
      for (const statement of forget) statement.run(account);
    },
  };
}
export type GroupMessageTables = ReturnType<typeof groupMessageTables>;
