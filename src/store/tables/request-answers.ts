import type { Database } from "better-sqlite3";
import type { PortalKey } from "../../core/model/events.ts";
import type { ChatId, LoginId } from "../../core/model/ids.ts";
import type { RequestAnswerReads, RequestAnswerWrites } from "../../core/ports/portal-store.ts";
import { command, query } from "../database/query.ts";

/** They are records of the login's, and go with it. */
const scope = "'login/' || ? || '/request-answer'";
const sql = {
  of: `SELECT value FROM record WHERE scope = ${scope} AND name = ?`,
  lanes: `SELECT substr(scope, 7, length(scope) - 21) AS login, name AS chat FROM record
    WHERE scope GLOB 'login/*/request-answer'`,
  put: `INSERT INTO record (scope, name, value) VALUES (${scope}, ?, ?)
    ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value`,
  told: `DELETE FROM record WHERE scope = ${scope} AND name = ? AND value = ?`,
} as const;

const valueOf = (accepted: boolean): string => (accepted ? "accepted" : "declined");

export function requestAnswerReads(db: Database): RequestAnswerReads {
  const of = query<[LoginId, ChatId], { readonly value: string }>(db, sql.of);
  const lanes = query<[], PortalKey>(db, sql.lanes);
  return {
    async of({ login, chat }) {
      const value = of.one(login, chat)?.value;
      return value === undefined ? undefined : value === valueOf(true);
    },
    lanes: async () => lanes.all(),
  };
}

export function requestAnswerWrites(db: Database): RequestAnswerWrites {
  const put = command<[LoginId, ChatId, string]>(db, sql.put);
  const told = command<[LoginId, ChatId, string]>(db, sql.told);
  return {
    put: ({ login, chat }, accepted) => void put(login, chat, valueOf(accepted)),
    told: ({ login, chat }, accepted) => void told(login, chat, valueOf(accepted)),
  };
}
