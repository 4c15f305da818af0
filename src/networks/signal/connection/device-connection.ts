import type { LoginId } from "../../../core/model/ids.ts";
import type { Clock, Random } from "../../../core/ports/clock.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { ConnectionState, Ended } from "../../../core/ports/network.ts";
import { jittered } from "../../../core/runtime/back-off.ts";
import type { Account } from "../account.ts";
import type { Chat } from "../service/chat.ts";
import { declareCapabilities } from "../service/devices.ts";
import { type ChatHandler, openChat } from "./open-chat.ts";
import type { PreKeys } from "./prekeys.ts";
import { ReconnectingChat } from "./reconnecting-chat.ts";
import type { ServerAccess } from "./server-access.ts";

export interface DeviceConnectionParts {
  /** For the log. */
  readonly login: LoginId;
  readonly access: ServerAccess;
  readonly account: Account;
  readonly preKeys: PreKeys;
  readonly handler: ChatHandler;
  /** Completes before the connection counts as up; where it rejects, the connection is closed. */
  readonly ready?: (chat: Chat) => Promise<void>;
  readonly changed: (state: ConnectionState) => void;
  /** Called when the account, or this device of it, is gone. */
  readonly ended: (what: Ended) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Milliseconds between two checks of the prekeys, and before one that failed is repeated. */
const CHECK_EVERY = 6 * 3_600_000;
const CHECK_AGAIN = 30_000;

/** One login's connection as a linked device: it comes back by itself, and keeps the server supplied with prekeys. */
export class DeviceConnection {
  readonly #parts: DeviceConnectionParts;
  readonly #chat: ReconnectingChat;
  #cancelCheck = (): void => {};

  constructor(parts: DeviceConnectionParts) {
    this.#parts = parts;
    const { login, access, account, handler, changed, ready, ended, clock, random, log } = parts;
    const { net: shared, anonymous, port, address } = access;
    this.#chat = new ReconnectingChat({
      login,
      open: (signal) => openChat({ shared, anonymous, account, handler }, signal),
      ready: async (chat) => ready?.(chat),
      changed: (state) => {
        changed(state);
        if (state.kind === "connected") this.#connected();
      },
      ended,
      port,
      address,
      clock,
      random,
      log,
    });
  }

  get state(): ConnectionState {
    return this.#chat.state;
  }

  /** The connection that is up, if one is. */
  get current(): Chat | undefined {
    return this.#chat.current;
  }

  /** As {@link ReconnectingChat.up}. */
  up(signal: AbortSignal): Promise<Chat> {
    return this.#chat.up(signal);
  }

  async stop(): Promise<void> {
    this.#cancelCheck();
    await this.#chat.stop();
    this.#cancelCheck();
  }

  #connected(): void {
    const { current } = this.#chat;
    if (!current) return;
    const { login, log } = this.#parts;
    declareCapabilities(current.authenticated).catch((error: unknown) =>
      log.warn("Signal was not told what this device can do", { login, ...faultOf(error) }),
    );
    void this.#checkPreKeys(current);
  }

  /** Without prekeys nobody can start a chat with us, so a check that failed is repeated soon. */
  async #checkPreKeys(chat: Chat): Promise<void> {
    const { login, preKeys, log, clock, random } = this.#parts;
    this.#cancelCheck();
    let next = CHECK_EVERY;
    try {
      await preKeys.check(chat);
    } catch (error) {
      next = CHECK_AGAIN;
      log.warn("prekeys could not be checked", { login, ...faultOf(error) });
    }
    if (this.#chat.current !== chat) return;
    this.#cancelCheck = clock.after(jittered(next, random), () => {
      if (this.#chat.current === chat) void this.#checkPreKeys(chat);
    });
  }
}
