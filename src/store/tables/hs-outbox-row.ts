import type {
  ChatId,
  EventId,
  LoginId,
  MessageId,
  OutboxId,
  PersonId,
  RoomId,
  UserId,
} from "../../core/model/ids.ts";
import type { MatrixOutboxRow, MessageLink, RowTarget } from "../../core/ports/rows.ts";
import { toAttachment, toFields } from "../database/stored-json.ts";

export const columns = `id, room, sender, type, state_key, content,
  link_login, link_chat, link_id, link_part, link_sender, link_at,
  target_login, target_chat, target_id, target_part, attachment, event, created_at, attempts`;

export interface HsOutboxRow {
  readonly id: OutboxId;
  readonly room: RoomId;
  readonly sender: UserId;
  readonly type: string;
  readonly state_key: string | null;
  readonly content: string | null;
  readonly link_login: LoginId | null;
  readonly link_chat: ChatId | null;
  readonly link_id: MessageId | null;
  readonly link_part: number | null;
  readonly link_sender: PersonId | null;
  readonly link_at: number | null;
  readonly target_login: LoginId | null;
  readonly target_chat: ChatId | null;
  readonly target_id: string | null;
  readonly target_part: number | null;
  readonly attachment: string | null;
  readonly event: EventId | null;
  readonly created_at: number;
  readonly attempts: number;
}

/** The row as the port has it; undefined where its JSON is damaged. */
export function toQueuedRow(row: HsOutboxRow): MatrixOutboxRow | undefined {
  const content = toFields(row.content);
  const attachment = row.attachment === null ? undefined : toAttachment(row.attachment);
  if (!content || (row.attachment !== null && !attachment)) return undefined;
  return {
    id: row.id,
    room: row.room,
    sender: row.sender,
    type: row.type,
    stateKey: row.state_key ?? undefined,
    content,
    link: toLink(row),
    target: toTarget(row),
    attachment,
    createdAt: row.created_at,
    attempts: row.attempts,
  };
}

function toLink(row: HsOutboxRow): MessageLink | undefined {
  const { link_login: login, link_chat: chat, link_id: id, link_part: part, link_sender: sender } = row;
  if (login === null || chat === null || id === null || part === null) return undefined;
  return { login, chat, id, part, sender: sender ?? undefined, at: row.link_at ?? row.created_at };
}

function toTarget(row: HsOutboxRow): RowTarget | undefined {
  const { target_login: login, target_chat: chat, target_id: id, target_part: part } = row;
  if (id === null) return undefined;
  if (login === null || chat === null || part === null) return { kind: "row", id: id as OutboxId };
  return { kind: "message", login, chat, id: id as MessageId, part };
}

export type LinkColumns = [
  LoginId | null,
  ChatId | null,
  MessageId | null,
  number | null,
  PersonId | null,
  number | null,
];

export const linkColumns = (link: MessageLink | undefined): LinkColumns =>
  link === undefined
    ? [null, null, null, null, null, null]
    : [link.login, link.chat, link.id, link.part, link.sender ?? null, link.at];

export type TargetColumns = [LoginId | null, ChatId | null, string | null, number | null];

export function targetColumns(target: RowTarget | undefined): TargetColumns {
  if (target === undefined) return [null, null, null, null];
  return target.kind === "row"
    ? [null, null, target.id, null]
    : [target.login, target.chat, target.id, target.part];
}
