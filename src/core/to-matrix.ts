import type { RemoteEvent } from "./events.ts";
import type { EncodedEvent, MatrixEncoder } from "./homeserver.ts";
import type { UserId } from "./ids.ts";
import type { Network } from "./network.ts";
import type { Outbox } from "./outbox.ts";
import type { OpenPortal } from "./portals.ts";
import { reachabilityWords } from "./reachability.ts";
import type { Login, Message } from "./rows.ts";
import type { Writes } from "./store.ts";

type Of<K extends RemoteEvent["kind"]> = Extract<RemoteEvent, { kind: K }>;

export interface RemoteScene extends OpenPortal {
  readonly login: Login;
  readonly network: Network;
  readonly bot: UserId;
  readonly encoder: MatrixEncoder;
  readonly outbox: Outbox;
  /** The event a reply answers, by the message's id in this chat. */
  readonly repliedTo: Message | undefined;
}

type Handler<E> = (event: E, scene: RemoteScene) => (tx: Writes) => void;

function botSays(words: string, scene: RemoteScene): (tx: Writes) => void {
  const row = scene.outbox.row(scene.portal.room, scene.bot, scene.encoder.notice(words));
  return (tx) => tx.hsOutbox.add(row);
}

function rows(event: Of<"message">, scene: RemoteScene) {
  const { portal, ghost, encoder, outbox, repliedTo } = scene;
  const { login, chat } = portal;
  return encoder.message(event.message, repliedTo?.event).map((encoded: EncodedEvent, part) =>
    outbox.row(portal.room, ghost.user, encoded, {
      link: { login, chat, id: event.id, part, sender: event.sender },
    }),
  );
}

/** Every kind of remote event, and what it puts in the room. A missing kind does not compile. */
const handlers: { [K in RemoteEvent["kind"]]: Handler<Of<K>> } = {
  message: (event, scene) => {
    const made = rows(event, scene);
    return (tx) => {
      for (const row of made) tx.hsOutbox.add(row);
    };
  },
  undecryptable: (_event, scene) =>
    botSays(
      `A message from ${scene.ghost.name} could not be decrypted, though we asked for it again several times. ` +
        `Please ask them to send it once more.`,
      scene,
    ),
  unsupported: ({ what }, scene) =>
    botSays(
      `${scene.ghost.name} sent ${what}, which this bridge cannot show. Please look at it in their app.`,
      scene,
    ),
  "identity-changed": (_event, scene) =>
    botSays(
      `${scene.ghost.name}'s safety number changed. They may have a new phone or installed the app again. ` +
        `If it matters who reads along, ask them by another way.`,
      scene,
    ),
  renamed: (_event, scene) => {
    const row = scene.outbox.row(
      scene.portal.room,
      scene.bot,
      { type: "m.room.name", content: { name: scene.ghost.name } },
      { stateKey: "" },
    );
    return (tx) => tx.hsOutbox.add(row);
  },
  reachability: (event, scene) => {
    const say = botSays(reachabilityWords(event.state, scene.ghost.name, scene.network.name), scene);
    return (tx) => {
      tx.contacts.setReachability(scene.login.id, event.sender, event.state);
      say(tx);
    };
  },
};

/** What an event puts into the outbox; nothing is sent here. */
export function remoteToMatrix(event: RemoteEvent, scene: RemoteScene): (tx: Writes) => void {
  const handle = handlers[event.kind] as Handler<RemoteEvent>;
  return handle(event, scene);
}
