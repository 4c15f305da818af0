import type { ChatId, PersonId } from "../../../../core/model/ids.ts";
import type { AccountKey } from "../../../../signal-protocol/signal-records.ts";
import type { GroupState } from "../../group-records.ts";
import type { GroupNews } from "../../groups/group-news.ts";
import { isBlocked } from "../../is-blocked.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import type { DataMessage, DataPayload } from "../../wire/data-message.ts";
import type { Batch, MessageHead } from "../batch.ts";

/** How a message to a group came. */
export interface GroupHead extends MessageHead {
  readonly author: PersonId;
  readonly account: AccountKey["account"];
  /** Decrypted, as it is held where it must wait. */
  readonly raw: Uint8Array;
}

interface IncomingGroupsParts {
  readonly context: LoginContext;
  readonly news: Pick<GroupNews, "admit">;
  /** The chats that hold messages; see {@link GroupNews}. */
  readonly holding: Set<ChatId>;
  /** Called when a chat holds a message that is stored; it must not throw. */
  readonly wake: (chat: ChatId) => void;
}

/** Decides what of the messages to groups is shown, and where. */
export class IncomingGroups {
  readonly #parts: IncomingGroupsParts;

  constructor(parts: IncomingGroupsParts) {
    this.#parts = parts;
  }

  /**
   * The chat in which a message is to be shown; undefined where it is held, which is then stored, or left out. Rejects
   * only where the store fails.
   */
  async chatOf(batch: Batch, head: GroupHead, data: DataMessage): Promise<ChatId | undefined> {
    const { context, news } = this.#parts;
    const { log, login } = context;
    const { author, at, waited = false } = head;
    if (!data.group) return undefined;
    const admission = await news.admit(batch, { group: data.group, author, at, waited });
    if (admission.kind === "held") {
      this.#hold(batch, head, admission);
      return undefined;
    }
    const reason =
      admission.kind === "left-out"
        ? admission.reason
        : refusal(admission.state, { author, own: context.own, revision: data.group.revision, waited }, data);
    if (reason !== undefined) {
      log.info("a group's message was left out", { login, message: head.timestamp, reason });
      return undefined;
    }
    if (admission.kind === "left-out" || (await isBlocked(context, author))) return undefined;
    return admission.chat;
  }

  #hold(
    batch: Batch,
    { sender, device, account, timestamp, at, raw }: GroupHead,
    { chat, masterKey }: { readonly chat: ChatId; readonly masterKey: Uint8Array },
  ): void {
    const { context, holding, wake } = this.#parts;
    const { login } = context;
    if (!holding.has(chat)) {
      holding.add(chat);
      batch.undo.push(() => holding.delete(chat));
    }
    batch.writes.push((tx) => {
      const signal = tx.family(signalFamily);
      signal.addGroup(login, chat, masterKey);
      signal.hold(login, chat, { sender, device, account, timestamp, at, content: raw });
    });
    batch.afterwards.push(() => wake(chat));
  }
}

interface Written {
  readonly author: PersonId;
  readonly own: PersonId;
  /** Of the group, as its author knew it. */
  readonly revision: number;
  readonly waited: boolean;
}

/**
 * Why a message is not shown; undefined where it is. One that waited for the group's state may have been written before
 * its author, or our person, left.
 */
function refusal(
  { members, former = [], announcementsOnly, terminated }: GroupState,
  { author, own, revision, waited }: Written,
  { payload: { kind } }: Pick<DataMessage, "payload">,
): string | undefined {
  const memberThen = (one: PersonId) =>
    members.find(({ person }) => person === one) ??
    (waited ? former.find(({ person, until }) => person === one && revision < until) : undefined);
  const member = memberThen(author);
  if (!member) return "its sender is no member";
  if (author !== own && !memberThen(own)) return "our person is no member";
  if (terminated) return "its group is over";
  if (member.admin) return undefined;
  if (kind === "adminDelete") return "its sender is no admin";
  return announcementsOnly && SHOWN.has(kind) ? "only admins write in its group" : undefined;
}

/** What only admins send where they alone write; others still react. */
const SHOWN: ReadonlySet<DataPayload["kind"]> = new Set([
  "message",
  "viewOnce",
  "sticker",
  "contacts",
  "poll",
]);
