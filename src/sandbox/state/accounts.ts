import { randomInt } from "node:crypto";
import type { NetworkName } from "../config.ts";
import type { Db } from "./database.ts";

/** `leaving` while a de-enlistment runs, `gone` after it. */
export type AccountState = "active" | "leaving" | "gone";

/** An integrator's user as enlisted. */
export interface Account {
  readonly id: number;
  readonly network: NetworkName;
  readonly integrator: number;
  readonly iss: string;
  /** The visible identifier. */
  readonly sub: string;
  /** Thumbprint of the Noise static key this login connects with. */
  readonly jkt: string;
  readonly name: string | null;
  readonly state: AccountState;
}

const columns = "id, network, integrator, iss, sub, jkt, name, state";

export function accountJid(account: Pick<Account, "id" | "integrator">): string {
  return `${account.integrator}-${account.id}@interop`;
}

/** The enlisted users. Writing functions are to be called inside a commit. */
export function accountTable(db: Db) {
  const byId = db.prepare<[number], Account>(`SELECT ${columns} FROM account WHERE id = ?`);
  const bySub = db.prepare<[string, string, string], Account>(
    `SELECT ${columns} FROM account WHERE network = ? AND iss = ? AND sub = ? AND state <> 'gone'`,
  );
  const byVisible = db.prepare<[string, string], Account>(
    `SELECT ${columns} FROM account WHERE network = ? AND sub = ? COLLATE NOCASE AND state = 'active' ORDER BY integrator`,
  );
  const everyone = db.prepare<[], Account>(
    `SELECT ${columns} FROM account WHERE state <> 'gone' ORDER BY rowid`,
  );
  const insert = db.prepare(
    "INSERT INTO account (id, network, integrator, iss, sub, jkt, name, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'active')",
  );
  const rebind = db.prepare("UPDATE account SET jkt = ?, name = ? WHERE id = ?");
  const setState = db.prepare("UPDATE account SET state = ? WHERE id = ?");
  const cache = new Map<number, Account>();

  const get = (id: number): Account | undefined => {
    const cached = cache.get(id);
    if (cached !== undefined) return cached;
    const row = byId.get(id);
    if (row !== undefined) cache.set(id, row);
    return row;
  };

  return {
    get,
    find: (network: NetworkName, iss: string, sub: string): Account | undefined =>
      bySub.get(network, iss, sub),
    /** The active account that `to` names, by visible id or JID. */
    resolve(network: NetworkName, to: string): Account | undefined {
      const jid = /^(\d{1,3})-(\d{1,15})(?::0)?@interop$/.exec(to);
      if (jid === null) return byVisible.get(network, to);
      const account = get(Number(jid[2]));
      const same = account?.network === network && account.integrator === Number(jid[1]);
      return same && account.state === "active" ? account : undefined;
    },
    all: (): readonly Account[] => everyone.all(),
    create(fields: Omit<Account, "id" | "state">): Account {
      let id = randomInt(100_000_000_000, 999_999_999_999);
      while (byId.get(id) !== undefined) id = randomInt(100_000_000_000, 999_999_999_999);
      const { network, integrator, iss, sub, jkt, name } = fields;
      insert.run(id, network, integrator, iss, sub, jkt, name);
      return { ...fields, id, state: "active" };
    },
    rebind(id: number, jkt: string, name: string | null): void {
      cache.delete(id);
      rebind.run(jkt, name, id);
    },
    setState(id: number, state: AccountState): void {
      cache.delete(id);
      setState.run(state, id);
    },
  };
}
export type Accounts = ReturnType<typeof accountTable>;
