import { bridgeStateKey, portalState } from "../chats/bridge-info.ts";
import type { RemoteEvent } from "../model/events.ts";
import type { Writes } from "../ports/store.ts";
import { botSays, type NetworkEventContext } from "./event-context.ts";

/** Kinds of state that tell clients what a chat's room is, under the chat's id. */
const TOLD_BY_ID = ["m.bridge", "uk.half-shot.bridge", "com.beeper.room_features"];

/**
 * Converts that a contact was proved to be who had another id: the store has joined both chats by now, and the room is
 * to say whose it is.
 */
export function convertJoin(
  { chat, was }: Extract<RemoteEvent, { kind: "joined" }>,
  context: NetworkEventContext,
): (tx: Writes) => void {
  const { portal, profile, login, network, bot, encoder, outbox, granted } = context;
  if (portal.kind !== "direct" || chat === was.chat) return () => {};
  const state = portalState(
    { bot, login, network, chat, kind: portal.kind, name: profile.title },
    encoder.roomFeatures(granted, portal.kind),
  );
  const former = TOLD_BY_ID.map((type) => ({
    type,
    stateKey: bridgeStateKey(network.id, was.chat),
    content: {},
  }));
  const rows = [...former, ...state].map(({ type, stateKey, content }) =>
    outbox.row(portal.room, bot, { type, content: { ...content } }, { stateKey }),
  );
  const say = botSays(
    `It is proved that this is ${profile.name}, whom you knew here by another address until now. The chat goes on in this room.`,
    context,
  );
  return (tx) => {
    for (const row of rows) tx.matrixOutbox.add(row);
    say(tx);
  };
}
