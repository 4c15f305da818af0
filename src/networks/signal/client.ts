import type { Capabilities } from "../../core/model/capabilities.ts";
import { BridgeError } from "../../core/model/errors.ts";
import type { NewGroup } from "../../core/model/groups.ts";
import type { ChatId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { MediaFile } from "../../core/model/media.ts";
import type {
  ChatInfo,
  ConnectionState,
  Found,
  Journal,
  NetworkClient,
  OutgoingItem,
  SafetyNumber,
  SendResult,
} from "../../core/ports/network.ts";
import { safetyNumber } from "../../signal-protocol/safety-number.ts";
import type { SignalPeers } from "../../signal-protocol/signal-peers.ts";
import { capabilities } from "./capabilities.ts";
import type { DeviceConnection } from "./connection/device-connection.ts";
import type { ContactBook } from "./contacts/contact-book.ts";
import { groupInfo } from "./groups/group-info.ts";
import { openGroupPicture } from "./groups/group-picture.ts";
import { isGroupChat, isNumberOnly, personIn, serviceIdOf } from "./ids.ts";
import type { LoginContext } from "./login-context.ts";
import { readGroupPictureRef } from "./media/media-ref.ts";
import type { SignalFiles } from "./media/signal-files.ts";
import type { OpenGroups } from "./open-groups.ts";
import type { Challenges } from "./service/challenges.ts";
import { failureOf } from "./service/send-failures.ts";
import type { Configuration } from "./session/configuration.ts";
import type { GroupSender } from "./session/groups/group-sender.ts";
import type { NewGroups } from "./session/groups/new-groups.ts";
import type { Known } from "./session/groups/open-group.ts";
import type { OwnChanges } from "./session/groups/own-changes.ts";
import type { IdlePhone } from "./session/idle-phone.ts";
import type { IncomingEnvelopes } from "./session/incoming-envelopes.ts";
import type { OutgoingMessages } from "./session/outgoing-messages.ts";
import type { OwnReceipts } from "./session/own-receipts.ts";
import type { MessageResender } from "./session/retry/message-resender.ts";
import type { RetryRequester } from "./session/retry/retry-requester.ts";
import { tellTyping } from "./session/typing.ts";
import { uuidBytes } from "./wire/service-id.ts";

export interface ClientParts {
  readonly context: LoginContext;
  readonly peers: Pick<SignalPeers, "close">;
  readonly files: Pick<SignalFiles, "open" | "openGroupPicture">;
  readonly connection: DeviceConnection;
  readonly book: ContactBook;
  readonly groups: Pick<OpenGroups, "catchUp"> & {
    readonly sender: GroupSender;
    readonly ownChanges: OwnChanges;
    readonly newGroups: NewGroups;
    readonly known: Known;
  };
  readonly envelopes: IncomingEnvelopes;
  readonly outgoing: OutgoingMessages;
  readonly receipts: OwnReceipts;
  readonly configuration: Configuration;
  readonly challenges: Challenges;
  readonly idlePhone: Pick<IdlePhone, "idle">;
  readonly requester: RetryRequester;
  readonly resender: MessageResender;
}

/** One login's connection to Signal, as a device of the person's account. */
export class SignalClient implements NetworkClient {
  readonly #parts: ClientParts;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  get state(): ConnectionState {
    return this.#parts.connection.state;
  }

  capabilities(): Capabilities {
    return capabilities;
  }

  async connected(signal: AbortSignal): Promise<void> {
    await this.#parts.connection.up(signal);
  }

  async send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined> {
    const { outgoing, groups, challenges, connection, context } = this.#parts;
    try {
      // The timer of a chat of two is a message.
      if (item.outgoing.kind !== "group-change" || !isGroupChat(item.chat))
        return await outgoing.send(item, journal);
      return await groups.ownChanges.change(item, item.outgoing.change, journal);
    } catch (error) {
      challenges.notice(context.login, error, {
        connection: async () => (await openChatOf(connection, context)).authenticated,
        answered: () => context.sink.state(connection.state),
      });
      throw error;
    }
  }

  async find(query: string): Promise<Found> {
    await this.#parts.context.chat();
    return told(this.#parts.book.find(query));
  }

  async chatInfo(chat: ChatId): Promise<ChatInfo> {
    const { book, groups, context } = this.#parts;
    return isGroupChat(chat)
      ? groupInfo(context, chat, await groups.catchUp.known(chat))
      : book.chatInfo(chat);
  }

  async createGroup(group: NewGroup): Promise<ChatId> {
    const { groups, book } = this.#parts;
    const chat = await told(groups.newGroups.create(group));
    await book.keepGroup(chat, true);
    return chat;
  }

  avatarOf(person: PersonId): Promise<string | undefined> {
    return this.#parts.book.avatarOf(person);
  }

  setBlocked(person: PersonId, blocked: boolean): Promise<void> {
    return told(this.#parts.book.setBlocked(person, blocked));
  }

  async answerRequest(chat: ChatId, accepted: boolean): Promise<void> {
    const { book, groups, receipts } = this.#parts;
    if (isGroupChat(chat)) {
      await told(groups.ownChanges.answer(chat, accepted));
      await told(book.answeredGroup(chat, accepted));
    } else await told(book.answerRequest(personIn(chat), accepted));
    if (accepted) receipts.accepted(chat);
  }

  markDelivered(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    this.#parts.receipts.delivered(chat, sender, ids);
  }

  markRead(_: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void {
    this.#parts.receipts.read(sender, ids, how);
  }

  setTyping(chat: ChatId, active: boolean): void {
    const { connection } = this.#parts;
    if (connection.current) void tellTyping(this.#parts, chat, active);
  }

  openMedia(ref: string): Promise<MediaFile> {
    const { context, files } = this.#parts;
    const picture = readGroupPictureRef(ref);
    return picture ? openGroupPicture(context, files, picture) : files.open(ref);
  }

  async safetyNumber(person: PersonId): Promise<SafetyNumber | undefined> {
    const { aci, own } = this.#parts.context;
    // The apps have safety numbers with accounts alone, and put in the 16 bytes of their ids.
    if (isNumberOnly(person)) return undefined;
    const key = await aci.identityOf(serviceIdOf(person));
    if (!key) return undefined;
    return safetyNumber(
      { identifier: uuidBytes(own), key: aci.own.identity.publicKey },
      { identifier: uuidBytes(person), key },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { connection, requester, resender, receipts, envelopes, book, groups, idlePhone, peers } =
      this.#parts;
    await connection.stop();
    await requester.stop();
    await resender.stop();
    await receipts.idle();
    await envelopes.idle();
    await groups.catchUp.stop();
    await book.close();
    await idlePhone.idle();
    // What is sent in this moment and is not encrypted yet is the next client's, which reads the sessions from the store.
    await peers.close(notConnected());
  }
}

/** A failure of the service, in words. */
const told = <Value>(asked: Promise<Value>): Promise<Value> =>
  asked.catch((error: unknown) => {
    throw failureOf(error);
  });

/** How long something waits for a connection, in milliseconds, before it is put back. */
const CHAT_TIMEOUT = 10_000;

/** Resolves with the open connection; rejects with a BridgeError where that takes too long. */
export async function openChatOf(connection: DeviceConnection, { clock }: Pick<LoginContext, "clock">) {
  if (connection.current) return connection.current;
  const timedOut = new AbortController();
  const cancel = clock.after(CHAT_TIMEOUT, () => timedOut.abort(notConnected()));
  try {
    return await connection.up(timedOut.signal);
  } finally {
    cancel();
  }
}

function notConnected(): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "Signal is not connected. Write “status” to the bot to see why.",
    certain: true,
    retryAfter: 0,
  });
}
