import type { Message as Content } from "../model/content.ts";
import type { RemoteEvent } from "../model/events.ts";
import { LONGEST_REACTION } from "../model/limits.ts";
import { cleanName } from "../model/names.ts";
import { reachabilityWords } from "../model/reachability-text.ts";
import { type Relation, TARGET } from "../ports/homeserver.ts";
import type { Writes } from "../ports/store.ts";
import { deleted, edited } from "./contact-revisions.ts";
import {
  actorRow,
  botSays,
  ELSEWHERE,
  type NetworkEventContext,
  partRow,
  takenOut,
  targetOf,
} from "./event-context.ts";
import {
  callWords,
  excludedWords,
  longReactionWords,
  undecryptableWords,
  unsupportedWords,
} from "./event-words.ts";
import { groupHandlers } from "./group-changes.ts";
import { markRead } from "./own-reading.ts";
import { rememberFile } from "./words-apart.ts";

type Of<K extends RemoteEvent["kind"]> = Extract<RemoteEvent, { kind: K }>;

type Record = (tx: Writes) => void;
type Handler<E> = (event: E, scene: NetworkEventContext) => Record | Promise<Record>;

const nothing = () => {};

/** Every kind of remote event, and what it puts in the room. A missing kind does not compile. */
const handlers: { [K in RemoteEvent["kind"]]: Handler<Of<K>> } = {
  message: (event, scene) => {
    const { portal, encoder, targets, inPlace, since, deleted } = scene;
    const { login, chat } = portal;
    if (deleted) return (tx) => tx.networkInbox.unpark({ login, chat }, event.id);
    const { replyTo } = event.message;
    const known = replyTo !== undefined && targets.length > 0;
    const relation: Relation = known ? TARGET : undefined;
    const message = inPlace > 0 ? withoutText(event.message) : event.message;
    const rows = encoder.message(message, relation).map((encoded, part) =>
      partRow(encoded, scene, {
        link: { login, chat, id: event.id, part: since.nextPart + part, sender: event.sender, at: event.at },
        ...(known && part === 0 ? { target: targetOf(scene, replyTo.id, 0) } : {}),
      }),
    );
    const remember = rememberFile(encoder, { login, chat }, event, rows[0]?.createdAt ?? 0);
    return (tx) => {
      for (const row of rows) tx.matrixOutbox.add(row);
      remember(tx);
      tx.networkInbox.unpark({ login, chat }, event.id);
    };
  },
  edit: edited,
  delete: deleted,
  reaction: (event, scene) => {
    const { portal, encoder, reaction, targets } = scene;
    const { login, chat } = portal;
    const { target: id, sender, emoji } = event;
    if (targets.length === 0) {
      const did = emoji === "" ? "took back a reaction" : `reacted with ${cleanName(emoji, "something")}`;
      return botSays(`${scene.actor.name} ${did} to a message ${ELSEWHERE}`, scene);
    }
    if (reaction?.emoji === emoji || (!reaction && emoji === "")) return nothing;
    const gone = reaction && takenOut(reaction, scene);
    const made = actorRow(encoder.reaction(emoji, TARGET), scene, { target: targetOf(scene, id, 0) });
    const key = { login, chat };
    const whole = emoji.length > LONGEST_REACTION ? botSays(longReactionWords(emoji, scene), scene) : nothing;
    return (tx) => {
      if (gone) tx.matrixOutbox.add(gone);
      tx.reactions.remove(key, id, sender);
      if (emoji === "") return;
      tx.matrixOutbox.add(made);
      whole(tx);
      tx.reactions.put({
        ...key,
        target: id,
        sender,
        emoji,
        room: portal.room,
        event: undefined,
        row: made.id,
      });
    };
  },
  undecryptable: (_event, scene) => botSays(undecryptableWords(scene), scene),
  excluded: ({ what }, scene) => {
    if (scene.excluded.before) return nothing;
    const say = botSays(excludedWords(what, scene), scene);
    return (tx) => {
      say(tx);
      scene.excluded.record(tx);
    };
  },
  call: ({ video }, scene) => botSays(callWords(video, scene), scene),
  unsupported: ({ what }, scene) => botSays(unsupportedWords(what, scene), scene),
  read: (event, scene) => {
    const [first] = scene.targets;
    return first?.sender === undefined ? nothing : markRead(event.target, scene);
  },
  ...groupHandlers,
  "identity-changed": (event, scene) => {
    const { actor, login, contact } = scene;
    const verified = contact?.trust === "verified" || contact?.trust === "changed";
    const say = botSays(
      `${actor.name}'s safety number changed. They may have a new phone or installed the app again. ` +
        (verified
          ? `You had verified the old one, so nothing is sent to them until you write “verify ${scene.commandTarget}” to the bot and agree.`
          : `If it matters who reads along, ask them by another way.`),
      scene,
    );
    return (tx) => {
      say(tx);
      if (verified) tx.contacts.setTrust(login.id, event.sender, event.chat, "changed");
    };
  },
  // Whoever looked up the ghost has given it the name, and its rooms.
  renamed: () => nothing,
  reachability: async (event, scene) => {
    const { actor, network, login, contact } = scene;
    const offer =
      event.state === "reachable" && scene.undelivered > 0
        ? ` ${scene.undelivered} of your messages did not arrive; write “retry ${scene.commandTarget}” to the bot to send them now.`
        : "";
    const say = botSays(reachabilityWords(event.state, actor.name, network.name) + offer, scene);
    const { portal, archives } = scene;
    const words = reachabilityWords(event.state, actor.name, network.name);
    const turn =
      event.state === "gone" && portal.kind === "direct"
        ? await archives.close(portal, `${words} Their history stays here.`)
        : event.state === "reachable" && portal.state === "archived"
          ? await archives.reopen(portal, words + offer)
          : contact?.reachability === event.state
            ? nothing
            : say;
    return (tx) => {
      tx.contacts.setReachability(login.id, event.sender, event.chat, event.state);
      turn(tx);
    };
  },
};

/** What an edit that stands in a message's place cannot say; the message's own words are older than the edit's. */
const withoutText = ({ parts }: Content): Content => ({
  parts: parts.flatMap((part) =>
    part.kind === "text" ? [] : part.kind === "media" ? { kind: "media", media: part.media } : part,
  ),
});

/** Kinds that are shown by who may not write in an archive. */
const BY_MEMBERS: ReadonlySet<RemoteEvent["kind"]> = new Set(["message", "edit", "delete", "reaction"]);

/** What an event puts into the outbox; nothing is sent here. */
export async function convertNetworkEvent(event: RemoteEvent, scene: NetworkEventContext): Promise<Record> {
  const handle = handlers[event.kind] as Handler<RemoteEvent>;
  const record = await handle(event, scene);
  const { portal, archives } = scene;
  return portal.state === "archived" && BY_MEMBERS.has(event.kind)
    ? archives.showInArchive(portal.room, record)
    : record;
}
