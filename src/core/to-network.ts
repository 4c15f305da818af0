import type { Capabilities } from "./capabilities.ts";
import type { Clock } from "./clock.ts";
import { degrade } from "./degrade.ts";
import type { Delivery } from "./delivery.ts";
import type { MatrixEvent, Outgoing } from "./events.ts";
import type { MessageId, RoomId } from "./ids.ts";
import { itemsOf, itemWords } from "./items.ts";
import { refusalOf } from "./limits.ts";
import type { Network } from "./network.ts";
import type { Outbox } from "./outbox.ts";
import type { Contact, Login, Message, NetOutboxRow, NetOutboxState, Portal, Reaction } from "./rows.ts";
import { standing } from "./standing.ts";
import type { Writes } from "./store.ts";

type Of<K extends MatrixEvent["kind"]> = Extract<MatrixEvent, { kind: K }>;

/** A portal in which a person wrote. */
export interface PortalScene {
  readonly portal: Portal & { readonly room: RoomId };
  readonly login: Login;
  readonly network: Network;
  readonly granted: Capabilities;
  readonly contact: Contact | undefined;
  readonly contactName: string;
  readonly delivery: Delivery;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** What a reply answers, an edit changes, a reaction is to, or a redaction takes back. */
  readonly target: Message | undefined;
  /** The row that carries, or carried, what an edit, reaction or redaction is about. */
  readonly targetRow: NetOutboxRow | undefined;
  /** The person's present reaction to the target, or the reaction a redaction takes back. */
  readonly reactionTarget: Reaction | undefined;
  /** The other messages that the event became which a redaction takes back. */
  readonly others?: readonly Aim[];
  /** Where a message that failed is to be sent after all: puts it in its row again, instead of in a new one. */
  readonly requeue?: Pick<NetOutboxRow, "item"> & { put(outgoing: Outgoing): (tx: Writes) => void };
  /** Which of the messages that an event becomes is being made; absent where it becomes one. */
  readonly item?: number;
}

/** A message that an event is about, and the row that carries, or carried, it. */
export type Aim = Pick<PortalScene, "target" | "targetRow">;

type Handler<E> = (event: E, scene: PortalScene) => (tx: Writes) => void;

const nothing = () => () => {};

const all =
  (records: readonly ((tx: Writes) => void)[]) =>
  (tx: Writes): void => {
    for (const record of records) record(tx);
  };

/** Runs a handler only where the person may write and the contact can be written to; else says why not. */
function allowed<E extends MatrixEvent>(handle: Handler<E>): Handler<E> {
  return (event, scene) => {
    const words = standing(event.sender, scene);
    return words === undefined ? handle(event, scene) : scene.delivery.refuse(event, words);
  };
}

/** Every kind of event a person can make in a portal, and what it queues for the network. */
const handlers: { [K in MatrixEvent["kind"]]: Handler<Of<K>> } = {
  message: allowed((event, scene) => {
    const { network, granted, delivery, target, requeue } = scene;
    const items = itemsOf(answering(event, target));
    const notes = new Set(event.note === undefined ? [] : [event.note]);
    let queued = 0;
    const records = items.map((whole, item) => {
      if (requeue && requeue.item !== item) return nothing();
      const { message, note } = degrade(whole, granted, network.name);
      const words = refusalOf(message, granted, network.name);
      const name = items.length === 1 ? "" : itemWords(item, message);
      if (words !== undefined) return delivery.refuse(event, name + words);
      if (note !== undefined) notes.add(note);
      queued += 1;
      return queue(event, { ...scene, item }, { kind: "message", message }, true);
    });
    const said = queued === 0 ? "" : Array.from(notes).join(" ");
    return all([...records, said === "" ? nothing() : delivery.remark(event, said)]);
  }),
  edit: allowed((event, scene) => {
    const { network, granted, delivery, target, clock } = scene;
    const instead = "Write the correction as a new message.";
    if (!granted.edits) {
      return delivery.refuse(event, `${network.name} takes no edits here, so the old text stays. ${instead}`);
    }
    if (!target || target.sender !== undefined) {
      return delivery.refuse(event, "Only messages you sent through this bridge can be changed there.");
    }
    const missing = missingThere(scene.targetRow?.state);
    if (missing !== undefined) return delivery.refuse(event, missing);
    if (granted.editWindow !== undefined && clock.now() - target.at > granted.editWindow) {
      const minutes = Math.round(granted.editWindow / 60_000);
      const words = `${network.name} takes edits for ${minutes} minutes; this message is older. ${instead}`;
      return delivery.refuse(event, words);
    }
    const words = refusalOf(event.message, granted, network.name);
    if (words !== undefined) return delivery.refuse(event, words);
    return queue(event, scene, { kind: "edit", target: target.id, message: event.message }, false);
  }),
  reaction: allowed((event, scene) => {
    const { network, granted, delivery, target, portal, reactionTarget } = scene;
    if (!granted.reactions)
      return delivery.refuse(event, `${network.name} takes no reactions here. Say it in a message.`);
    if (!target) return delivery.refuse(event, "The bridge does not know the message you reacted to.");
    const missing = missingThere(scene.targetRow?.state);
    if (missing !== undefined) return delivery.refuse(event, missing);
    const { emoji, room, id } = event;
    const key = { login: portal.login, chat: portal.chat };
    const own = target.sender === undefined;
    const record = queue(event, scene, { kind: "reaction", target: target.id, own, emoji }, false);
    const before = reactionTarget?.event;
    const withdraw =
      before === undefined ? undefined : delivery.withdraw(reactionTarget?.room ?? room, before);
    return (tx) => {
      record(tx);
      withdraw?.(tx);
      tx.reactions.put({
        ...key,
        target: target.id,
        sender: undefined,
        emoji,
        room,
        event: id,
        row: undefined,
      });
    };
  }),
  unsupported: (event, { delivery, network }) =>
    delivery.refuse(event, `${network.name} cannot be sent ${event.what} from here.`),
  encrypted: (event, { delivery }) =>
    delivery.refuse(
      event,
      "It is encrypted for this room, and the bridge cannot read encrypted messages. " +
        "Turn encryption off for this chat in your client, or write from a client that leaves it off.",
    ),
  redaction: (event, scene) => {
    if (event.sender !== scene.login.user) return nothing();
    const { target, targetRow, others = [] } = scene;
    const aims = [{ target, targetRow }, ...others];
    return all(aims.map((aim, item) => takeBack(event, { ...scene, ...aim, item })));
  },
  member: (event, { portal, login }) => {
    if (event.user !== login.user) return nothing();
    const member =
      event.membership === "join" ? "joined" : event.membership === "invite" ? "invited" : "left";
    return (tx) => tx.portals.setMember(portal, member);
  },
  // What follows of it is done before, with the homeserver's help.
  tombstone: nothing,
  "encryption-enabled": (event, { delivery }) =>
    delivery.refuse(
      event,
      "Encryption was turned on in this room, so the bridge cannot read what is written in it from now on. That " +
        "cannot be undone; write “disable” and “enable” with the network's name to the bot to go on in new rooms.",
    ),
};

/** One of the messages an event became, or a reaction. */
const takeBack: Handler<Of<"redaction">> = (event, scene) => {
  const { targetRow, reactionTarget } = scene;
  const { id, state, sealed } = targetRow ?? { id: undefined, state: undefined, sealed: undefined };
  if (state === "failed" || state === "cancelled") return nothing();
  const unsent = state === "queued" && !sealed;
  const back = allowed<Of<"redaction">>((taken, within) =>
    reactionTarget ? takeReactionBack(taken, within, reactionTarget) : takeMessageBack(taken, within),
  )(event, scene);
  if (id === undefined || !unsent || reactionTarget) return back;
  // It may have begun to leave since it was looked at.
  return (tx) => {
    if (!tx.netOutbox.setState(id, "cancelled")) back(tx);
  };
};

/** Why nothing can be done there to a message of our person's, by what became of its row; undefined where it can. */
export function missingThere(state: NetOutboxState | undefined): string | undefined {
  if (state === "cancelled") return "You took that message back before it was sent.";
  if (state !== "failed") return undefined;
  return "That message did not arrive; write it as a new one, or write “retry” to the bot to send it after all.";
}

function answering({ message }: Of<"message">, target: Message | undefined) {
  return target ? { ...message, replyTo: { id: target.id, own: target.sender === undefined } } : message;
}

function takeReactionBack(event: Of<"redaction">, scene: PortalScene, { target, emoji }: Reaction) {
  const { portal } = scene;
  const key = { login: portal.login, chat: portal.chat };
  const own = scene.target === undefined || scene.target.sender === undefined;
  const record = queue(event, scene, { kind: "reaction", target, own, emoji: "" }, false);
  return (tx: Writes) => {
    record(tx);
    if (emoji !== "") tx.reactions.remove(key, target, undefined);
  };
}

const takeMessageBack: Handler<Of<"redaction">> = (event, scene) => {
  const { network, granted, delivery, target, clock } = scene;
  if (!target) return nothing();
  if (target.sender !== undefined) {
    return delivery.refuse(
      event,
      "Only who wrote a message can delete it there; it is hidden in this room only.",
    );
  }
  if (!granted.deletes) {
    return delivery.refuse(
      event,
      `${network.name} takes no deletions here, so your contact keeps their copy.`,
    );
  }
  if (granted.deleteWindow !== undefined && clock.now() - target.at > granted.deleteWindow) {
    const hours = Math.round(granted.deleteWindow / 3_600_000);
    const words = `${network.name} takes deletions for ${hours} hours; this message is older, so your contact keeps it.`;
    return delivery.refuse(event, words);
  }
  return queue(event, scene, { kind: "delete", target: target.id }, false);
};

/** A row for the network; what others may refer to later is linked at once. */
function queue(
  event: MatrixEvent,
  scene: PortalScene,
  outgoing: Outgoing,
  linked: boolean,
): (tx: Writes) => void {
  const { portal, outbox, clock, requeue, item = 0 } = scene;
  if (requeue) return requeue.put(outgoing);
  const id = outbox.newId();
  const remoteId = id.replaceAll("-", "").toUpperCase() as MessageId;
  const key = { login: portal.login, chat: portal.chat };
  const { room, id: eventId, sender } = event;
  return (tx) => {
    const createdAt = clock.now();
    tx.netOutbox.add({ id, key, room, event: eventId, item, sender, remoteId, outgoing, createdAt });
    if (!linked) return;
    const link = { ...key, id: remoteId, part: 0, sender: undefined, at: event.at };
    tx.messages.add({ ...link, room, event: eventId }, item);
    tx.netInbox.unpark(key, remoteId);
  };
}

/** What an event in a portal queues; nothing is sent here. */
export function matrixToNetwork(event: MatrixEvent, scene: PortalScene): (tx: Writes) => void {
  const handle = handlers[event.kind] as Handler<MatrixEvent>;
  return handle(event, scene);
}
