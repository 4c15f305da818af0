import type { Requests } from "../../chats/requests.ts";
import { BridgeError } from "../../model/errors.ts";
import type { ChatId, LoginId, RoomId, UserId } from "../../model/ids.ts";
import type { Puppets } from "../../ports/double-puppets.ts";
import { faultOf, type Log } from "../../ports/log.ts";
import type { MatrixOutboxRow } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { NetworkEventContext } from "../event-context.ts";

/** The types of outbox rows by which our person's own marks on a chat follow their phone's, and which are no events. */
const MUTED = "thirdpartychats.muted";
const UNREAD = "thirdpartychats.unread";
const DECLINED = "thirdpartychats.mark.declined";

interface OwnMarksParts {
  readonly store: Pick<Store, "portals">;
  readonly puppets: Pick<Puppets, "installed" | "setMarkedUnread">;
  readonly quiet: PhoneMutes;
  readonly requests: Pick<Requests, "declined">;
  readonly log: Log;
}

export interface PhoneMutes {
  phoneMutes(
    chat: { readonly login: LoginId; readonly chat: ChatId; readonly room: RoomId },
    user: UserId,
    mute: { readonly muted: boolean; readonly until?: number | undefined },
  ): Promise<void>;
}

type Context = Pick<NetworkEventContext, "outbox" | "portal" | "login">;
type Record = (tx: Writes) => void;

/** Queues that our person muted the chat on another device, or lifted that. */
export function markMuted(
  { muted, until }: { readonly muted: boolean; readonly until?: number },
  context: Context,
): Record {
  const { login, chat } = context.portal;
  return mark(MUTED, { login, chat, muted, ...(until === undefined ? {} : { until }) }, context);
}

/** Queues that our person marked the chat as unread on another device, or took that back: behind what it shows by then. */
export const markUnread = (unread: boolean, context: Context): Record => mark(UNREAD, { unread }, context);

/** Queues that our person declined on another device that the contact writes to them. */
export const markDeclined = (context: Context): Record => mark(DECLINED, {}, context);

function mark(type: string, content: object, { outbox, portal, login }: Context): Record {
  const row = outbox.row(portal.room, login.user, { type, content: { ...content } });
  return (tx) => tx.matrixOutbox.add(row);
}

export const isOwnMark = ({ type }: Pick<MatrixOutboxRow, "type">): boolean =>
  type === MUTED || type === UNREAD || type === DECLINED;

/** Has our people's own marks on a chat follow their phone's. An outage is waited for; what is refused is left. */
export class OwnMarks {
  readonly #parts: OwnMarksParts;

  constructor(parts: OwnMarksParts) {
    this.#parts = parts;
  }

  async perform(row: MatrixOutboxRow): Promise<void> {
    try {
      if (row.type === MUTED) await this.#mute(row);
      else if (row.type === UNREAD) await this.#unread(row);
      else await this.#decline(row);
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      this.#parts.log.info("a person's mark on a chat does not follow their phone's", {
        room: row.room,
        ...faultOf(error),
      });
    }
  }

  async #mute({ sender, content }: MatrixOutboxRow): Promise<void> {
    const { store, quiet } = this.#parts;
    const key = { login: content["login"] as LoginId, chat: content["chat"] as ChatId };
    const room = (await store.portals.byChat(key))?.room;
    const until = typeof content["until"] === "number" ? content["until"] : undefined;
    if (room !== undefined)
      await quiet.phoneMutes({ ...key, room }, sender, { muted: content["muted"] === true, until });
  }

  async #decline({ sender, room }: MatrixOutboxRow): Promise<void> {
    const { store, requests } = this.#parts;
    const portal = await store.portals.inRoom(room, sender);
    if (portal) await requests.declined(portal, sender);
  }

  async #unread({ sender, room, content }: MatrixOutboxRow): Promise<void> {
    const { puppets } = this.#parts;
    if (await puppets.installed()) await puppets.setMarkedUnread(sender, room, content["unread"] === true);
  }
}
