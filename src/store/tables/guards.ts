import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, OutboxId, RoomId } from "../../core/model/ids.ts";
import type { Guard } from "../../core/ports/guards.ts";
import type { NetworkOutboxState } from "../../core/ports/rows.ts";
import { query } from "../database/query.ts";

const sql = {
  login: "SELECT 1 FROM login WHERE id = ?",
  chat: "SELECT 1 FROM portal WHERE login = ? AND chat = ?",
  portal: "SELECT 1 FROM portal WHERE login = ? AND chat = ? AND room IS ? AND state = ?",
  queued: "SELECT 1 FROM net_outbox WHERE id = ? AND state = 'queued'",
  unsealed: "SELECT 1 FROM net_outbox WHERE id = ? AND state = 'queued' AND sealed IS NULL",
  state: "SELECT 1 FROM net_outbox WHERE id = ? AND state = ?",
} as const;

type Holds = { readonly [K in Guard["kind"]]: (guard: Extract<Guard, { kind: K }>) => boolean };

/** Whether a guard holds, inside a transaction. */
export function guardHolds(db: Database): (guard: Guard) => boolean {
  const login = query<[LoginId], unknown>(db, sql.login);
  const chat = query<[LoginId, ChatId], unknown>(db, sql.chat);
  const portal = query<[LoginId, ChatId, RoomId | null, string], unknown>(db, sql.portal);
  const queued = query<[OutboxId], unknown>(db, sql.queued);
  const unsealed = query<[OutboxId], unknown>(db, sql.unsealed);
  const state = query<[OutboxId, NetworkOutboxState], unknown>(db, sql.state);
  const holds: Holds = {
    "login-exists": (it) => login.one(it.login) !== undefined,
    "chat-exists": ({ key }) => chat.one(key.login, key.chat) !== undefined,
    "portal-stands": ({ portal: it }) =>
      portal.one(it.login, it.chat, it.room ?? null, it.state) !== undefined,
    "row-queued": ({ row }) => queued.one(row) !== undefined,
    "row-unsealed": ({ row }) => unsealed.one(row) !== undefined,
    "row-is": (it) => state.one(it.row, it.state) !== undefined,
  };
  return (guard) => (holds[guard.kind] as (guard: Guard) => boolean)(guard);
}
