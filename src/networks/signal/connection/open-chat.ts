import type { Net } from "@signalapp/libsignal-client";
import type { Account } from "../account.ts";
import type { Chat } from "../service/chat.ts";
import { deviceName } from "../service/devices.ts";
import type { SharedNet } from "../service/shared-net.ts";
import type { SharedChat } from "./shared-chat.ts";

/** What the server tells a device without being asked. */
export interface ChatHandler {
  /** `at`: milliseconds since the epoch, the server's clock. Unacknowledged envelopes come again on the next connection. */
  envelope(bytes: Uint8Array, at: number, acknowledge: () => void, chat: Chat): void;
  /** All that had waited has come. */
  queueEmpty(chat: Chat): void;
  /** What the server wants our person to know, told with each new connection; none where that is nothing. */
  alerts(alerts: readonly string[]): void;
}

interface OpenChatParts {
  readonly shared: SharedNet;
  readonly anonymous: SharedChat;
  readonly account: Account;
  readonly handler: ChatHandler;
}

/** A connection, and how it ended: what libsignal says, what {@link Chat.close} was given, or nothing. */
export interface OpenChat {
  readonly chat: Chat;
  readonly closed: Promise<unknown>;
}

const OK = 200;

/** Connects as the account's device. Throws what libsignal throws. */
export async function openChat(
  { shared, anonymous, account, handler }: OpenChatParts,
  abortSignal: AbortSignal,
): Promise<OpenChat> {
  const opened = Promise.withResolvers<Chat>();
  const closed = Promise.withResolvers<unknown>();
  opened.promise.catch(() => undefined);
  // The server's first envelopes may come before libsignal says that the connection is made.
  const tell = (act: (chat: Chat) => void): void => void opened.promise.then(act, () => undefined);
  const listener: Net.ChatServiceListener = {
    onIncomingMessage: (bytes, at, ack) =>
      tell((chat) => handler.envelope(bytes, at, () => acknowledge(ack), chat)),
    onQueueEmpty: () => tell((chat) => handler.queueEmpty(chat)),
    onReceivedAlerts: (alerts) => tell(() => handler.alerts(alerts)),
    onConnectionInterrupted: (cause) => closed.resolve(cause ?? undefined),
  };
  const { net } = shared;
  try {
    const authenticated = (await net.connectAuthenticatedChat(
      deviceName(account),
      account.password,
      false,
      listener,
      { abortSignal },
    )) as Chat["authenticated"];
    const chat: Chat = {
      authenticated,
      anonymous: () => anonymous.get() as ReturnType<Chat["anonymous"]>,
      close(cause) {
        closed.resolve(cause);
        authenticated.disconnect().catch(() => undefined);
      },
    };
    opened.resolve(chat);
    return { chat, closed: closed.promise };
  } catch (error) {
    opened.reject(error);
    shared.failed(net);
    throw error;
  }
}

/** On a connection that has ended meanwhile there is nobody to tell; the envelope comes again, and is known then. */
function acknowledge(ack: Net.ChatServerMessageAck): void {
  try {
    ack.send(OK);
  } catch {}
}
