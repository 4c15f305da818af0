import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, PersonId } from "../../../core/model/ids.ts";
import type { SenderKeyReads, SenderKeyWrites } from "../../../networks/signal/sender-key-records.ts";
import { command, query } from "../../database/query.ts";

interface HolderRow {
  readonly person: PersonId;
  readonly device: number;
  readonly mark: string;
  readonly reached: 0 | 1;
}

const sql = {
  key: "SELECT distribution FROM signal_group_key WHERE login = ? AND chat = ?",
  holders: "SELECT person, device, mark, reached FROM signal_key_holder WHERE login = ? AND chat = ?",
  setKey: `INSERT INTO signal_group_key (login, chat, distribution) VALUES (?, ?, ?)
    ON CONFLICT (login, chat) DO UPDATE SET distribution = excluded.distribution`,
  removeHolders: "DELETE FROM signal_key_holder WHERE login = ? AND chat = ?",
  removePerson: "DELETE FROM signal_key_holder WHERE login = ? AND chat = ? AND person = ?",
  addHolder: "INSERT INTO signal_key_holder (login, chat, person, device, mark) VALUES (?, ?, ?, ?, ?)",
  reached: "UPDATE signal_key_holder SET reached = 1 WHERE login = ? AND chat = ? AND person = ?",
  again: "UPDATE signal_key_holder SET reached = 0 WHERE login = ? AND person = ?",
} as const;

type Key = [login: LoginId, chat: ChatId];

export function senderKeyReads(db: Database): SenderKeyReads {
  const key = query<Key, { readonly distribution: string }>(db, sql.key);
  const holders = query<Key, HolderRow>(db, sql.holders);
  return {
    async senderKey(login, chat) {
      const found = key.one(login, chat);
      return (
        found && {
          distribution: found.distribution,
          holders: holders
            .all(login, chat)
            .map(({ reached, ...holder }) => ({ ...holder, isReached: reached === 1 })),
        }
      );
    },
  };
}

export function senderKeyWrites(db: Database): SenderKeyWrites {
  const setKey = command<[...Key, string]>(db, sql.setKey);
  const removeHolders = command<Key>(db, sql.removeHolders);
  const removePerson = command<[...Key, PersonId]>(db, sql.removePerson);
  const addHolder = command<[...Key, PersonId, number, string]>(db, sql.addHolder);
  const reached = command<[...Key, PersonId]>(db, sql.reached);
  const again = command<[LoginId, PersonId]>(db, sql.again);
  return {
    renewSenderKey(login, chat, distribution) {
      setKey(login, chat, distribution);
      removeHolders(login, chat);
    },
    giveSenderKey(login, chat, person, devices) {
      removePerson(login, chat, person);
      for (const { device, mark } of devices) addHolder(login, chat, person, device, mark);
    },
    reachedWithSenderKey: (login, chat, person) => void reached(login, chat, person),
    giveSenderKeysAgain: (login, person) => void again(login, person),
  };
}
