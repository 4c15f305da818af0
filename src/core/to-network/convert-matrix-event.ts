import { degrade } from "../model/degrade.ts";
import type { MatrixEvent } from "../model/events.ts";
import { formOf } from "../model/form.ts";
import { itemsOf, itemWords, packingOf } from "../model/items.ts";
import { refusalOf } from "../model/limits.ts";
import type { Message, Reaction } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import {
  all,
  allowed,
  allowedOnWord,
  cancelUnsealed,
  type Handler,
  type MatrixEventContext,
  missingThere,
  nothing,
  type QuotedContent,
  queue,
  refusable,
} from "./event-context.ts";
import { convertEdit, takeEditBack } from "./own-edits.ts";

type Of<K extends MatrixEvent["kind"]> = Extract<MatrixEvent, { kind: K }>;

/** For every kind of event in a portal: the writes that queue it for the network. */
const handlers: { [K in MatrixEvent["kind"]]: Handler<Of<K>> } = {
  message: allowedOnWord((event, context) => {
    const { network, granted, delivery, target, quoted, requeue } = context;
    const packing = { ...packingOf(granted, network.name), ...(requeue && { files: requeue.files }) };
    const items = itemsOf(withReplyTo(event, target, quoted), packing);
    const notes = new Set(event.note === undefined ? [] : [event.note]);
    let queued = 0;
    const records = items.map(({ message: whole, item }) => {
      if (requeue && requeue.item !== item) return nothing();
      const { message, note } = degrade(whole, granted, network.name);
      const words = refusalOf(message, granted, network.name);
      const name = items.length === 1 ? "" : itemWords(item, message);
      if (words !== undefined) return delivery.refuse(refusable(event, context), name + words, "unsupported");
      if (note !== undefined) notes.add(note);
      queued += 1;
      return queue(event, { ...context, item }, { kind: "message", message }, { form: formOf(message) });
    });
    const notesText = queued === 0 ? "" : Array.from(notes).join(" ");
    return all([...records, notesText === "" ? nothing() : delivery.note(event, notesText)]);
  }),
  edit: allowed(convertEdit),
  reaction: allowed((event, context) => {
    const { network, granted, delivery, target, portal, reactionTarget } = context;
    if (!granted.reactions)
      return delivery.refuse(event, `${network.name} takes no reactions here. Say it in a message.`);
    if (!target) {
      const words = "The message you reacted to did not arrive there, or the bridge does not know it.";
      return delivery.refuse(event, words);
    }
    const missing = missingThere(context.targetRow?.state, context.commandTarget);
    if (missing !== undefined) return delivery.refuse(event, missing);
    const { emoji, room, id } = event;
    const key = { login: portal.login, chat: portal.chat };
    const own = target.sender === undefined;
    const record = queue(event, context, { kind: "reaction", target: target.id, own, emoji });
    const withdraw = reactionTarget && withdrawn(reactionTarget, context);
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
  redaction: (event, context) => {
    if (event.sender !== context.login.user) return nothing();
    if (context.takenEdit) return takeEditBack(event, context, context.takenEdit);
    const { target, targetRow, others = [], edits = [], delivery } = context;
    const aims = [{ target, targetRow }, ...others];
    return all([
      // The edits are redacted too: clients hide them with the message, but their text is still in the room.
      ...edits.map((edit) => delivery.withdraw(event.room, edit)),
      ...aims.map((aim, item) => takeBack(event, { ...context, ...aim, item })),
    ]);
  },
  member: (event, { portal, login }) => {
    if (event.user !== login.user) return nothing();
    const member =
      event.membership === "join" ? "joined" : event.membership === "invite" ? "invited" : "left";
    return (tx) => tx.portals.setMember(portal, member);
  },
  "room-name": nothing,
  "room-topic": nothing,
  "room-avatar": nothing,
  "power-levels": nothing,
  // These are handled before the conversion, which can ask neither the homeserver nor the network.
  tombstone: nothing,
  "room-access": nothing,
  block: nothing,
  "encryption-enabled": (event, { delivery, network: { id } }) =>
    delivery.refuse(
      event,
      "Encryption was turned on in this room, so the bridge cannot read what is written in it from now on. That " +
        `cannot be undone; write “disable ${id}” and then “enable ${id}” to the bot to go on in new rooms.`,
    ),
};

/** Takes back one of the messages that an event became, or a reaction. */
const takeBack: Handler<Of<"redaction">> = (event, context) => {
  const { targetRow, reactionTarget } = context;
  const { id, state, sealed } = targetRow ?? { id: undefined, state: undefined, sealed: undefined };
  if (state === "cancelled") return nothing();
  if (state === "failed") return reactionTarget ? nothing() : forgetUndelivered(context);
  const unsent = state === "queued" && !sealed;
  const takenBack = allowed<Of<"redaction">>((taken, allowedContext) =>
    reactionTarget
      ? takeReactionBack(taken, allowedContext, reactionTarget)
      : takeMessageBack(taken, allowedContext),
  )(event, context);
  if (id === undefined || !unsent || reactionTarget) return takenBack;
  const withdrawn = markWithdrawn(context);
  return all([cancelUnsealed(id), withdrawn]);
};

/** Forgets a message that did not arrive and is now taken back. */
function forgetUndelivered({ portal, target }: MatrixEventContext): (tx: Writes) => void {
  const key = { login: portal.login, chat: portal.chat };
  return (tx) => {
    if (target && target.sender === undefined) tx.messages.remove(key, target);
  };
}

function withReplyTo({ message }: Of<"message">, target: Message | undefined, quoted?: QuotedContent) {
  if (!target) return message;
  return { ...message, replyTo: { id: target.id, own: target.sender === undefined, ...quoted } };
}

/** Takes a reaction out of the room, also one of another device that is still to be sent there. */
function withdrawn({ room, event, row }: Reaction, { delivery }: MatrixEventContext) {
  if (event !== undefined) return delivery.withdraw(room, event);
  return row && delivery.withdraw(room, { kind: "row", id: row });
}

function takeReactionBack(event: Of<"redaction">, context: MatrixEventContext, { target, emoji }: Reaction) {
  const { portal } = context;
  const key = { login: portal.login, chat: portal.chat };
  const own = context.target === undefined || context.target.sender === undefined;
  const was = emoji === "" ? {} : { was: emoji };
  const record = queue(event, context, { kind: "reaction", target, own, emoji: "", ...was });
  return (tx: Writes) => {
    record(tx);
    if (emoji !== "") tx.reactions.remove(key, target, undefined);
  };
}

/** Whether our person may delete what others wrote. */
const mayDeleteOthers = ({ portal, granted, isAdmin }: MatrixEventContext): boolean =>
  portal.kind === "group" && isAdmin && granted.deletesOthers === true;

const takeMessageBack: Handler<Of<"redaction">> = (event, context) => {
  const { portal, network, granted, delivery, target, clock, alsoShown = [] } = context;
  // Of one that is shown as several events it is taken back with the first.
  if (!target || (target.shownBy !== undefined && context.deleted === true)) return nothing();
  const { sender: author } = target;
  if (author !== undefined && !mayDeleteOthers(context)) {
    const who =
      portal.kind === "group" && granted.deletesOthers
        ? "who wrote a message, or an admin,"
        : "who wrote a message";
    return delivery.refuse(event, `Only ${who} can delete it there; it is hidden in this room only.`);
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
    queue(event, context, { kind: "delete", target: target.id, ...(author !== undefined && { author }) }),
    markWithdrawn(context),
    ...alsoShown.map((what) => delivery.withdraw(event.room, what)),
  ]);
};

/** Marks a message as deleted, so that no edit brings it back. */
function markWithdrawn({ portal, target }: MatrixEventContext): (tx: Writes) => void {
  const key = { login: portal.login, chat: portal.chat };
  return (tx) => {
    if (!target) return;
    const { id, sender } = target;
    tx.withdrawn.add(key, { id, sender, part: undefined });
    tx.expiries.remove({ ...key, id, sender });
  };
}

/** The writes for an event in a portal; nothing is sent here. */
export function convertMatrixEvent(event: MatrixEvent, context: MatrixEventContext): (tx: Writes) => void {
  const handle = handlers[event.kind] as Handler<MatrixEvent>;
  const record = handle(event, context);
  const { portal, target, others = [], reactionTarget } = context;
  if (portal.kind === "direct") return record;
  const about = [target, ...others.map((aim) => aim.target)].flatMap((one) => one?.id ?? []);
  const touched = new Set([...about, ...(reactionTarget ? [reactionTarget.target] : [])]);
  return (tx) => {
    record(tx);
    for (const id of touched) tx.sharedGroups.share(portal, id);
  };
}
