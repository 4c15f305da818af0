import { BridgeError } from "../../../core/model/errors.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { errorCode } from "../wire/attributes.ts";
import { child, type Node, node } from "../wire/node.ts";
import { ChatSocket, type ChatSocketOptions } from "./chat-socket.ts";
import { unconfirmed } from "./refusals.ts";
import { StanzaError, StanzaRequests } from "./stanza-requests.ts";

/** How a connection came to its end. */
export type Ending =
  | { readonly kind: "lost"; readonly fault: unknown }
  /** `<stream:error code="515"/>`: we are to connect again. */
  | { readonly kind: "restart" }
  /** Another connection of the same account took its place. */
  | { readonly kind: "replaced" }
  | { readonly kind: "failure"; readonly reason: number }
  /** We may not vouch for the person's identifier, or no longer. */
  | { readonly kind: "unvouched"; readonly words: string };

interface PendingAck {
  resolve(ack: Node): void;
  reject(error: Error): void;
  cancel(): void;
}

export interface ConnectionHandler {
  stanza(stanza: Node, connection: Connection): void;
  unreadable(fault: unknown): void;
}

const ACK_TIMEOUT = 10_000;
const KEEP_ALIVE = 30_000;
/** From the first packet to `<success/>`. */
const LOGIN_TIMEOUT = 25_000;

/** One connection from `<success/>` to its end: requests, messages and their acknowledgements. */
export class Connection {
  /** The `<success/>` stanza; undefined where the connection ended before. */
  readonly opened: Promise<Node | undefined>;
  readonly closed: Promise<Ending>;
  readonly requests: StanzaRequests;
  readonly #clock: Clock;
  readonly #socket: ChatSocket;
  readonly #pendingAcks = new Map<string, PendingAck[]>();
  #open: (success: Node | undefined) => void = () => undefined;
  #ending: Ending | undefined;
  #isClosed = false;
  /** Cancels the timer for `<success/>`, then the one for the next ping. */
  #cancelTimer: () => void;

  constructor(options: ChatSocketOptions, handler: ConnectionHandler) {
    this.#clock = options.clock;
    this.requests = new StanzaRequests(options.clock, (stanza) => this.send(stanza));
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    let close: (ending: Ending) => void = () => undefined;
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    this.#cancelTimer = options.clock.after(LOGIN_TIMEOUT, () => this.close(new Error("no login")));
    this.#socket = new ChatSocket(options, {
      stanza: (stanza) => this.#stanza(stanza, handler),
      unreadable: (fault, head) => {
        handler.unreadable(fault);
        if (head?.tag === "iq") this.requests.handleUnreadable(head, fault);
      },
      closed: (fault) => {
        this.#isClosed = true;
        this.#cancelTimer();
        this.requests.close();
        this.#rejectAcks();
        this.#open(undefined);
        close(this.#ending ?? { kind: "lost", fault });
      },
    });
  }

  send(stanza: Node): void {
    this.#socket.send(stanza);
  }

  /**
   * Sends a `<message>` and resolves with its `<ack>`. Rejects with a BridgeError where none comes; it is `certain`
   * where the message did not leave.
   */
  deliver(message: Node): Promise<Node> {
    const id = message.attrs["id"] ?? "";
    return new Promise<Node>((resolve, reject) => {
      if (this.#isClosed) return reject(notSent());
      const pending: PendingAck = {
        resolve,
        reject,
        cancel: this.#clock.after(ACK_TIMEOUT, () => void this.#ackTimedOut(id, pending)),
      };
      const others = this.#pendingAcks.get(id);
      if (others) others.push(pending);
      else this.#pendingAcks.set(id, [pending]);
      this.#socket.send(message);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(fault?: unknown): void {
    this.#socket.close(fault);
  }

  #stanza(stanza: Node, handler: ConnectionHandler): void {
    const { tag, attrs } = stanza;
    if (tag === "iq" && attrs["type"] !== "get" && attrs["type"] !== "set")
      return this.requests.handleAnswer(stanza);
    if (tag === "ack" && attrs["class"] === "message") return this.#acknowledged(stanza);
    if (tag === "success") {
      this.#cancelTimer();
      this.#keepAlive();
      return this.#open(stanza);
    }
    const ending = endingOf(stanza);
    if (ending) {
      this.#ending ??= ending;
      return this.close();
    }
    handler.stanza(stanza, this);
  }

  #acknowledged(ack: Node): void {
    const id = ack.attrs["id"] ?? "";
    const pending = this.#pendingAcks.get(id) ?? [];
    this.#pendingAcks.delete(id);
    for (const one of pending) {
      one.cancel();
      one.resolve(ack);
    }
  }

  #rejectAcks(): void {
    const all = [...this.#pendingAcks.values()].flat();
    this.#pendingAcks.clear();
    for (const pending of all) {
      pending.cancel();
      pending.reject(unconfirmed(0));
    }
  }

  /**
   * Pings the peer when an acknowledgement did not come. Without an answer the connection is closed, and with it every
   * pending one is rejected.
   */
  async #ackTimedOut(id: string, pending: PendingAck): Promise<void> {
    try {
      await this.#ping();
    } catch (error) {
      return this.close(error);
    }
    const others = this.#pendingAcks.get(id)?.filter((one) => one !== pending) ?? [];
    if (others.length > 0) this.#pendingAcks.set(id, others);
    else this.#pendingAcks.delete(id);
    pending.reject(unconfirmed(0));
  }

  /** Pings the peer regularly, and closes the connection when a ping is not answered. */
  #keepAlive(): void {
    this.#cancelTimer = this.#clock.after(KEEP_ALIVE, () => {
      this.#ping().then(
        () => this.#isClosed || this.#keepAlive(),
        (error: unknown) => this.close(error),
      );
    });
  }

  /** Rejects where the peer does not answer. */
  async #ping(): Promise<void> {
    try {
      await this.requests.ask({ xmlns: "urn:xmpp:ping", type: "get" }, []);
    } catch (error) {
      // A refusal is an answer too.
      if (!(error instanceof StanzaError)) throw error;
    }
  }
}

function endingOf({ tag, attrs, content }: Node): Ending | undefined {
  if (tag === "failure") return { kind: "failure", reason: errorCode(attrs["reason"]) };
  if (tag === "conflict") return { kind: "replaced" };
  if (tag !== "stream:error") return undefined;
  if (content && child(node(tag, attrs, content), "conflict")) return { kind: "replaced" };
  if (attrs["code"] === "515") return { kind: "restart" };
  return { kind: "lost", fault: new Error(`stream error ${errorCode(attrs["code"])}`) };
}

function notSent(): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "The connection to the network broke.",
    certain: true,
    retryAfter: 0,
  });
}
