import type { RemoteReceipt } from "../../../core/model/events.ts";
import type { MessageId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { Connection } from "../connection/connection.ts";
import { envelopeOf } from "../convert/envelope.ts";
import { call } from "../convert/to-bridge.ts";
import { chatWith, messageId, personOf } from "../ids.ts";
import { bytes, child, children, type Node, node } from "../wire/node.ts";
import type { IncomingJob } from "./incoming-messages.ts";
import type { Scene } from "./login-context.ts";
import type { NetworkStatus } from "./network-status.ts";
import { readNotification } from "./notifications.ts";
import { readReceipt } from "./receipts.ts";
import type { AnswerJob } from "./retry/message-resender.ts";

interface Hands {
  lane(address: string, job: IncomingJob | AnswerJob): void;
  preKeysLow(connection: Connection): void;
  features(features: Node): void;
  /** Messages of ours are with a contact. */
  delivered(ids: readonly MessageId[]): Promise<void>;
  readonly terms: NetworkStatus;
}

/** Messages read but not yet on disk, beyond which the other end is slowed down, and the number to go on at. */
const MANY = 2_000;
const FEW = 500;

/** Where every stanza of a connection goes. What must be acknowledged is, after what it says is stored. */
export class StanzaDispatch {
  readonly #scene: Scene;
  readonly #hands: Hands;
  #waiting = 0;
  #paused: Connection | undefined;

  constructor(scene: Scene, hands: Hands) {
    this.#scene = scene;
    this.#hands = hands;
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
        return this.#confirmed(stanza);
      case "ib":
        return;
      default:
        return this.#unknown(stanza, connection);
    }
  }

  /** So many messages have been dealt with. */
  taken(count: number): void {
    this.#waiting -= count;
    if (this.#waiting > FEW) return;
    this.#paused?.resume();
    this.#paused = undefined;
  }

  #message(stanza: Node, connection: Connection): void {
    const sender = personOf(stanza.attrs["from"], this.#scene.profile.server);
    if (!sender) return this.#unknown(stanza, connection);
    this.#waiting += 1;
    if (this.#waiting > MANY && this.#paused !== connection) {
      this.#paused = connection;
      connection.pause();
    }
    this.#hands.lane(sender, { kind: "in", stanza, connection, size: ciphertextSize(stanza) });
  }

  #receipt(stanza: Node, connection: Connection): void {
    const sender = personOf(stanza.attrs["from"], this.#scene.profile.server);
    if (!sender || !stanza.attrs["id"]) return this.#unknown(stanza, connection);
    if (stanza.attrs["type"] === "retry") {
      this.#hands.lane(sender, { kind: "again", stanza, connection });
      return;
    }
    const receipt = readReceipt(sender, stanza);
    this.#then(stanza, connection, receipt && (() => this.#told(receipt)));
  }

  async #told(receipt: RemoteReceipt): Promise<void> {
    await this.#scene.sink.receipt(receipt);
    await this.#hands.delivered(receipt.ids);
  }

  /** Of acknowledgements only those of delivery receipts come here. */
  #confirmed({ attrs: { class: what, type, from, id } }: Node): void {
    const sender = personOf(from, this.#scene.profile.server);
    if (what !== "receipt" || type !== undefined || !sender || !id) return;
    const { deliveries, log, login } = this.#scene;
    deliveries.confirmed(sender, messageId(id)).catch((error: unknown) => {
      log.warn("a confirmed delivery could not be stored; it is told again", { login, ...faultOf(error) });
    });
  }

  #notification(stanza: Node, connection: Connection): void {
    const { profile, clock, sink, log, login } = this.#scene;
    const type = stanza.attrs["type"];
    if (type === "encrypt") {
      this.#acknowledge(stanza, connection);
      this.#hands.preKeysLow(connection);
      return;
    }
    if (type !== "w:interop") return this.#unknown(stanza, connection);
    const told = readNotification(profile, stanza, clock.now());
    if (told.features) this.#hands.features(told.features);
    if (told.unknown.length > 0)
      log.info("a notification of an unknown kind", {
        login,
        kind: told.unknown.slice(0, 5).map(loggable).join(" "),
      });
    this.#then(stanza, connection, async () => {
      if (told.events.length > 0) await sink.accept(told.events, () => undefined);
      const { terms } = this.#hands;
      if (told.ended) await terms.ended(told.ended);
      else if (told.backFrom.length > 0) await terms.backFrom(...told.backFrom);
    });
  }

  #chatState(stanza: Node): void {
    const sender = personOf(stanza.attrs["from"], this.#scene.profile.server);
    if (!sender) return;
    const composing = child(stanza, "composing");
    const voice = composing?.attrs["media"] === "audio";
    const active = composing !== undefined;
    this.#scene.sink.signal({ kind: "typing", chat: chatWith(sender), sender, active, voice });
  }

  #call(stanza: Node, connection: Connection): void {
    const { profile, sink, clock } = this.#scene;
    const sender = personOf(stanza.attrs["from"], profile.server);
    if (!sender) return this.#unknown(stanza, connection);
    const inside = children(stanza);
    const offer = child(stanza, "offer");
    // Only the beginning of a call is news; that it ended or was taken elsewhere is not.
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
    this.#scene.log.warn("a stanza that is not understood", {
      login: this.#scene.login,
      tag: loggable(stanza.tag),
    });
    if (ACKNOWLEDGED.has(stanza.tag)) this.#acknowledge(stanza, connection);
  }

  /** Does what the stanza asks for, then acknowledges it; where that fails it comes again with the next connection. */
  #then(stanza: Node, connection: Connection, act: (() => Promise<void>) | undefined): void {
    if (!act) return this.#acknowledge(stanza, connection);
    act().then(
      () => this.#acknowledge(stanza, connection),
      (error: unknown) => {
        this.#scene.log.warn("a stanza could not be stored", {
          login: this.#scene.login,
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

/** A name out of a stanza, unless it is too odd to be one. */
function loggable(name: string): string {
  return /^[\w:.-]{1,40}$/.test(name) ? name : "(odd)";
}
