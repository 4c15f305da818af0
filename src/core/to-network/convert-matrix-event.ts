import { degrade } from "../model/degrade.ts";
import type { MatrixEvent } from "../model/events.ts";
import { formOf } from "../model/form.ts";
import { itemsOf, itemWords } from "../model/items.ts";
import { refusalOf } from "../model/limits.ts";
import type { Message, Reaction } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import {
  all,
  allowed,
  cancelUnsealed,
  type Handler,
  type MatrixEventContext,
  missingThere,
  nothing,
  queue,
} from "./event-context.ts";
import { edited, editTakenBack } from "./own-edits.ts";

type Of<K extends MatrixEvent["kind"]> = Extract<MatrixEvent, { kind: K }>;

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
      return queue(event, { ...scene, item }, { kind: "message", message }, { form: formOf(message) });
    });
    const said = queued === 0 ? "" : Array.from(notes).join(" ");
    return all([...records, said === "" ? nothing() : delivery.remark(event, said)]);
  }),
  edit: allowed(edited),
  reaction: allowed((event, scene) => {
    const { network, granted, delivery, target, portal, reactionTarget } = scene;
    if (!granted.reactions)
      return delivery.refuse(event, `${network.name} takes no reactions here. Say it in a message.`);
    if (!target) {
      const words = "The message you reacted to did not arrive there, or the bridge does not know it.";
      return delivery.refuse(event, words);
    }
    const missing = missingThere(scene.targetRow?.state, scene.commandTarget);
    if (missing !== undefined) return delivery.refuse(event, missing);
    const { emoji, room, id } = event;
    const key = { login: portal.login, chat: portal.chat };
    const own = target.sender === undefined;
    const record = queue(event, scene, { kind: "reaction", target: target.id, own, emoji });
    const withdraw = reactionTarget && withdrawn(reactionTarget, scene);
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
  unsupported: allowed((event, { delivery, network }) =>
    delivery.refuse(event, `${network.name} cannot be sent ${event.what} from here.`),
  ),
  encrypted: allowed((event, { delivery }) =>
    delivery.refuse(
      event,
      "It is encrypted for this room, and the bridge cannot read encrypted messages. " +
        "Turn encryption off for this chat in your client, or write from a client that leaves it off.",
    ),
  ),
  redaction: (event, scene) => {
    if (event.sender !== scene.login.user) return nothing();
    if (scene.takenEdit) return editTakenBack(event, scene, scene.takenEdit);
    const { target, targetRow, others = [], edits = [], delivery } = scene;
    const aims = [{ target, targetRow }, ...others];
    return all([
      // Clients hide them with the message; their text is still in the room.
      ...edits.map((edit) => delivery.withdraw(event.room, edit)),
      ...aims.map((aim, item) => takeBack(event, { ...scene, ...aim, item })),
    ]);
  },
  member: (event, { portal, login }) => {
    if (event.user !== login.user) return nothing();
    const member =
      event.membership === "join" ? "joined" : event.membership === "invite" ? "invited" : "left";
    return (tx) => tx.portals.setMember(portal, member);
  },
  // What follows of it is done before, with the homeserver's help.
  tombstone: nothing,
  "encryption-enabled": (event, { delivery, network: { id } }) =>
    delivery.refuse(
      event,
      "Encryption was turned on in this room, so the bridge cannot read what is written in it from now on. That " +
        `cannot be undone; write “disable ${id}” and then “enable ${id}” to the bot to go on in new rooms.`,
    ),
};

/** One of the messages an event became, or a reaction. */
const takeBack: Handler<Of<"redaction">> = (event, scene) => {
  const { targetRow, reactionTarget } = scene;
  const { id, state, sealed } = targetRow ?? { id: undefined, state: undefined, sealed: undefined };
  if (state === "cancelled") return nothing();
  if (state === "failed") return reactionTarget ? nothing() : forgetting(scene);
  const unsent = state === "queued" && !sealed;
  const back = allowed<Of<"redaction">>((taken, within) =>
    reactionTarget ? takeReactionBack(taken, within, reactionTarget) : takeMessageBack(taken, within),
  )(event, scene);
  if (id === undefined || !unsent || reactionTarget) return back;
  const gone = withdrawing(scene);
  return all([cancelUnsealed(id), gone]);
};

/** What did not arrive, and its person took back, is nothing to send after all. */
function forgetting({ portal, target }: MatrixEventContext): (tx: Writes) => void {
  const key = { login: portal.login, chat: portal.chat };
  return (tx) => {
    if (target && target.sender === undefined) tx.messages.remove(key, target);
  };
}

function answering({ message }: Of<"message">, target: Message | undefined) {
  return target ? { ...message, replyTo: { id: target.id, own: target.sender === undefined } } : message;
}

/** Takes a reaction out of the room, also one of another device that is still to be sent there. */
function withdrawn({ room, event, row }: Reaction, { delivery }: MatrixEventContext) {
  if (event !== undefined) return delivery.withdraw(room, event);
  return row && delivery.withdraw(room, { kind: "row", id: row });
}

function takeReactionBack(event: Of<"redaction">, scene: MatrixEventContext, { target, emoji }: Reaction) {
  const { portal } = scene;
  const key = { login: portal.login, chat: portal.chat };
  const own = scene.target === undefined || scene.target.sender === undefined;
  const record = queue(event, scene, { kind: "reaction", target, own, emoji: "" });
  return (tx: Writes) => {
    record(tx);
    if (emoji !== "") tx.reactions.remove(key, target, undefined);
  };
}

const takeMessageBack: Handler<Of<"redaction">> = (event, scene) => {
  const { network, granted, delivery, target, clock, alsoShown = [] } = scene;
  // Of one that is shown as several events it is taken back with the first.
  if (!target || (target.shownBy !== undefined && scene.deleted === true)) return nothing();
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
  return all([
    queue(event, scene, { kind: "delete", target: target.id }),
    withdrawing(scene),
    ...alsoShown.map((what) => delivery.withdraw(event.room, what)),
  ]);
};

/** No edit brings it back. */
function withdrawing({ portal, target }: MatrixEventContext): (tx: Writes) => void {
  const key = { login: portal.login, chat: portal.chat };
  return (tx) => {
    if (target) tx.withdrawn.add(key, { id: target.id, sender: target.sender, part: undefined });
  };
}

/** What an event in a portal queues; nothing is sent here. */
export function convertMatrixEvent(event: MatrixEvent, scene: MatrixEventContext): (tx: Writes) => void {
  const handle = handlers[event.kind] as Handler<MatrixEvent>;
  const record = handle(event, scene);
  const { portal, target, others = [], reactionTarget } = scene;
  if (portal.kind === "direct") return record;
  const about = [target, ...others.map((aim) => aim.target)].flatMap((one) => one?.id ?? []);
  const touched = new Set([...about, ...(reactionTarget ? [reactionTarget.target] : [])]);
  return (tx) => {
    record(tx);
    for (const id of touched) tx.sharedGroups.share(portal, id);
  };
}
