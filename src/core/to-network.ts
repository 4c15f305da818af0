import type { Delivery } from "./delivery.ts";
import type { MatrixEvent } from "./events.ts";
import type { MessageId, RoomId } from "./ids.ts";
import type { Network } from "./network.ts";
import type { Outbox } from "./outbox.ts";
import type { Login, Message, NetOutboxRow, Portal } from "./rows.ts";
import type { Clock } from "./clock.ts";
import type { Writes } from "./store.ts";

type Of<K extends MatrixEvent["kind"]> = Extract<MatrixEvent, { kind: K }>;

/** A portal in which a person wrote. */
export interface PortalScene {
  readonly portal: Portal & { readonly room: RoomId };
  readonly login: Login;
  readonly network: Network;
  readonly delivery: Delivery;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** What a reply answers, or what a redaction takes back. */
  readonly target: Message | undefined;
  readonly queuedTarget: NetOutboxRow | undefined;
}

type Handler<E> = (event: E, scene: PortalScene) => (tx: Writes) => void;

const nothing = () => () => {};

/** Every kind of event a person can make in a portal, and what it queues for the network. */
const handlers: { [K in MatrixEvent["kind"]]: Handler<Of<K>> } = {
  message: (event, scene) => {
    const { portal, login, network, delivery, target } = scene;
    if (portal.state === "archived")
      return delivery.refuse(event, "This chat is closed; its history stays here.");
    if (event.sender !== login.user) {
      return delivery.refuse(event, `Only ${login.user} can write to this contact from here.`);
    }
    if (login.state !== "active") {
      return delivery.refuse(
        event,
        `You are not on ${network.name} any more. Write “enable ${network.id}” to the bot.`,
      );
    }
    const length = event.message.parts.reduce((sum, part) => sum + part.body.text.length, 0);
    if (length > network.limits.text) {
      return delivery.refuse(
        event,
        `The message has ${length} characters; ${network.name} takes up to ${network.limits.text}. Send it in parts.`,
      );
    }
    return queue(event, scene, target?.id);
  },
  unsupported: (event, { delivery, network }) =>
    delivery.refuse(event, `${network.name} cannot be sent ${event.what} from here.`),
  encrypted: (event, { delivery }) =>
    delivery.refuse(
      event,
      "It is encrypted for this room, and the bridge cannot read encrypted messages. " +
        "Turn encryption off for this chat in your client, or write from a client that leaves it off.",
    ),
  redaction: (event, { queuedTarget, delivery, network, login }) => {
    if (!queuedTarget || event.sender !== login.user) return nothing();
    if (queuedTarget.state === "queued" && !queuedTarget.sealed) {
      return (tx) => tx.netOutbox.setState(queuedTarget.id, "cancelled");
    }
    if (queuedTarget.state === "failed" || queuedTarget.state === "cancelled") return nothing();
    return delivery.refuse(event, `The message had left already; ${network.name} keeps its copy.`);
  },
  member: (event, { portal, login }) => {
    if (event.user !== login.user) return nothing();
    const member =
      event.membership === "join" ? "joined" : event.membership === "invite" ? "invited" : "left";
    return (tx) => tx.portals.setMember(portal, member);
  },
  "encryption-enabled": (event, { delivery }) =>
    delivery.refuse(
      event,
      "Encryption was turned on in this room; the bridge cannot read what is written in it now.",
    ),
};

function queue(
  event: Of<"message">,
  scene: PortalScene,
  replyTo: MessageId | undefined,
): (tx: Writes) => void {
  const { portal, outbox, clock } = scene;
  const id = outbox.newId();
  const remoteId = id.replaceAll("-", "").toUpperCase() as MessageId;
  const key = { login: portal.login, chat: portal.chat };
  const message = replyTo === undefined ? event.message : { ...event.message, replyTo };
  const { room, id: eventId, sender } = event;
  const outgoing = { kind: "message", message } as const;
  return (tx) => {
    tx.netOutbox.add({ id, key, room, event: eventId, sender, remoteId, outgoing, createdAt: clock.now() });
    tx.messages.add({ ...key, id: remoteId, part: 0, sender: undefined, room, event: eventId });
  };
}

/** What an event in a portal queues; nothing is sent here. */
export function matrixToNetwork(event: MatrixEvent, scene: PortalScene): (tx: Writes) => void {
  const handle = handlers[event.kind] as Handler<MatrixEvent>;
  return handle(event, scene);
}
