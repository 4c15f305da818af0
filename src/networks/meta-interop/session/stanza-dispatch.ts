import type { Reachability, RemoteReceipt } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { Connection } from "../connection/connection.ts";
import { envelopeOf } from "../convert/envelope.ts";
import { call } from "../convert/to-bridge.ts";
import { groupOf, messageId, personOf } from "../ids.ts";
import { bytes, child, children, type Node, node } from "../wire/node.ts";
import type { LoginContext } from "./login-context.ts";
import type { NetworkStatus } from "./network-status.ts";
import { readNotification } from "./notifications.ts";
import { readReceipt, speakerOf } from "./receipts.ts";
import type { IncomingJob } from "./receive-batch.ts";
import type { ResendJob } from "./retry/message-resender.ts";

interface StanzaHandlers {
  /** `address`: of a contact or a group. */
  enqueue(address: PersonId | ChatId, job: IncomingJob | ResendJob): void;
  /** For what a member of a group asks for again. */
  enqueueMember(group: ChatId, person: PersonId, job: ResendJob): void;
  /** For a `<notification type="w:gp2">`. */
  groupNotice(group: ChatId, stanza: Node, connection: Connection): void;
  /** Whether a contact can be reached has changed. */
  reachability(person: PersonId, state: Reachability): Promise<void>;
  preKeysLow(connection: Connection): void;
  features(features: Node): void;
  /** Called for messages of ours that a contact has. */
  delivered(ids: readonly MessageId[]): Promise<void>;
  readonly status: NetworkStatus;
}

/** The number of received messages not yet on disk at which reading pauses, and the one at which it goes on. */
const PAUSE_AT = 2_000;
const RESUME_AT = 500;

/** Passes each stanza of a connection to its handler. A stanza is acknowledged after what it says is stored. */
export class StanzaDispatch {
  readonly #context: LoginContext;
  readonly #handlers: StanzaHandlers;
  #waiting = 0;
  #paused: Connection | undefined;

  constructor(context: LoginContext, handlers: StanzaHandlers) {
    this.#context = context;
    this.#handlers = handlers;
  }

  take(stanza: Node, connection: Connection): void {
    switch (stanza.tag) {
      case "message":
        return this.#message(stanza, connection);
      case "receipt":
        return this.#receipt(stanza, connection);
      case "notification":
        return this.#notification(stanza, connection);
      case "chatstate":
        return this.#chatState(stanza);
      case "call":
        return this.#call(stanza, connection);
      case "iq":
        return this.#request(stanza, connection);
      case "ack":
        return this.#receiptAcknowledged(stanza);
      case "ib":
        return;
      default:
        return this.#unknown(stanza, connection);
    }
  }

  /** Counts messages that are handled, and goes on reading when few are left. */
  handled(count: number): void {
    this.#waiting -= count;
    if (this.#waiting > RESUME_AT) return;
    this.#paused?.resume();
    this.#paused = undefined;
  }

  #message(stanza: Node, connection: Connection): void {
    const sender = speakerOf(stanza, this.#context.profile.server);
    if (!sender) return this.#unknown(stanza, connection);
    this.#waiting += 1;
    if (this.#waiting > PAUSE_AT && this.#paused !== connection) {
      this.#paused = connection;
      connection.pause();
    }
    this.#handlers.enqueue(sender.chat, { kind: "in", stanza, connection, size: ciphertextSize(stanza) });
  }

  #receipt(stanza: Node, connection: Connection): void {
    const sender = speakerOf(stanza, this.#context.profile.server);
    if (!sender || !stanza.attrs["id"]) return this.#unknown(stanza, connection);
    const { chat, person, isGroup } = sender;
    if (stanza.attrs["type"] === "retry") {
      const job = { kind: "resend", stanza, connection } as const;
      if (isGroup) this.#handlers.enqueueMember(chat, person, { ...job, group: chat });
      else this.#handlers.enqueue(person, job);
      return;
    }
    const receipt = readReceipt(sender, stanza);
    this.#then(stanza, connection, receipt && (() => this.#passReceipt(receipt, isGroup)));
  }

  async #passReceipt(receipt: RemoteReceipt, isGroup: boolean): Promise<void> {
    await this.#context.sink.receipt(receipt);
    // That one member of a group has a message does not say that the others have.
    if (!isGroup) await this.#handlers.delivered(receipt.ids);
  }

  /** The gatekeeper acknowledged a delivery receipt: the connection itself handles acknowledgements of messages. */
  #receiptAcknowledged(stanza: Node): void {
    const { class: what, type, id } = stanza.attrs;
    const sender = speakerOf(stanza, this.#context.profile.server);
    if (what !== "receipt" || type !== undefined || !sender || !id) return;
    const { deliveries, log, login } = this.#context;
    const { chat, person } = sender;
    deliveries.acknowledged({ chat, sender: person, id: messageId(id) }).catch((error: unknown) => {
      log.warn("a confirmed delivery could not be stored; it is told again", { login, ...faultOf(error) });
    });
  }

  #notification(stanza: Node, connection: Connection): void {
    const { profile, clock, sink, log, login } = this.#context;
    const type = stanza.attrs["type"];
    if (type === "encrypt") {
      this.#acknowledge(stanza, connection);
      this.#handlers.preKeysLow(connection);
      return;
    }
    const group = groupOf(stanza.attrs["from"]);
    if (type === "w:gp2" && group) return this.#handlers.groupNotice(group, stanza, connection);
    if (type !== "w:interop") return this.#unknown(stanza, connection);
    const notification = readNotification(profile, stanza, clock.now());
    if (notification.features) this.#handlers.features(notification.features);
    if (notification.unknown.length > 0)
      log.info("a notification of an unknown kind", {
        login,
        kind: notification.unknown.slice(0, 5).map(loggable).join(" "),
      });
    this.#then(stanza, connection, async () => {
      if (notification.events.length > 0) await sink.accept(notification.events, () => undefined);
      for (const event of notification.events)
        if (event.kind === "reachability" && event.sender !== undefined)
          await this.#handlers.reachability(event.sender, event.state);
      const { status } = this.#handlers;
      if (notification.ended) await status.ended(notification.ended);
      else if (notification.resumed.length > 0) await status.resumed(...notification.resumed);
    });
  }

  #chatState(stanza: Node): void {
    const sender = speakerOf(stanza, this.#context.profile.server);
    if (!sender) return;
    const composing = child(stanza, "composing");
    const voice = composing?.attrs["media"] === "audio";
    const active = composing !== undefined;
    const { chat, person } = sender;
    this.#context.sink.signal({ kind: "typing", chat, sender: person, active, voice });
  }

  #call(stanza: Node, connection: Connection): void {
    const { profile, sink, clock } = this.#context;
    const sender = personOf(stanza.attrs["from"], profile.server);
    if (!sender) return this.#unknown(stanza, connection);
    const inside = children(stanza);
    const offer = child(stanza, "offer");
    // Only the start of a call makes an event, not its end or that it was taken elsewhere.
    if (!offer && inside.length > 0) return this.#acknowledge(stanza, connection);
    const video =
      offer !== undefined && (offer.attrs["media"] === "video" || child(offer, "video") !== undefined);
    const event = call(envelopeOf(sender, stanza, clock.now()), video);
    this.#then(stanza, connection, () => sink.accept([event], () => undefined));
  }

  #request(stanza: Node, connection: Connection): void {
    const { id, xmlns, from } = stanza.attrs;
    if (xmlns === "urn:xmpp:ping") return connection.send(node("iq", { id, type: "result", to: from }));
    connection.send(
      node("iq", { id, type: "error", to: from }, [node("error", { code: "501", text: "not-implemented" })]),
    );
  }

  #unknown(stanza: Node, connection: Connection): void {
    this.#context.log.warn("a stanza that is not understood", {
      login: this.#context.login,
      tag: loggable(stanza.tag),
    });
    if (ACKNOWLEDGED.has(stanza.tag)) this.#acknowledge(stanza, connection);
  }

  /**
   * Handles the stanza, then acknowledges it. If that fails, the connection is closed, and the stanza comes again with
   * the next one.
   */
  #then(stanza: Node, connection: Connection, act: (() => Promise<void>) | undefined): void {
    if (!act) return this.#acknowledge(stanza, connection);
    act().then(
      () => this.#acknowledge(stanza, connection),
      (error: unknown) => {
        this.#context.log.warn("a stanza could not be stored", {
          login: this.#context.login,
          tag: stanza.tag,
          ...faultOf(error),
        });
        connection.close(error);
      },
    );
  }

  #acknowledge({ tag, attrs }: Node, connection: Connection): void {
    const { id, from, type, participant } = attrs;
    if (id === undefined) return;
    const kind = tag === "message" ? {} : { type };
    connection.send(node("ack", { class: tag, id, to: from, participant, ...kind }));
  }
}

const ACKNOWLEDGED: ReadonlySet<string> = new Set(["message", "receipt", "notification", "call"]);

const ciphertextSize = (stanza: Node): number =>
  children(stanza, "enc").reduce((sum, enc) => sum + (bytes(enc)?.length ?? 0), 0);

/** A name from a stanza for the log, unless it is malformed. */
function loggable(name: string): string {
  return /^[\w:.-]{1,40}$/.test(name) ? name : "(odd)";
}
