import type { ChatId, NetworkId, UserId } from "../model/ids.ts";
import type { EncodedEvent } from "../ports/homeserver.ts";
import type { Login, Portal } from "../ports/rows.ts";

interface Described {
  readonly bot: UserId;
  readonly network: { readonly id: NetworkId; readonly name: string };
  readonly chat: ChatId;
  readonly kind: Portal["kind"];
  readonly name: string;
  readonly owner: UserId;
}

/** Tells this bridge's state events from another's in the same room. */
export const bridgeStateKey = (network: NetworkId, chat: ChatId): string =>
  `thirdpartychats://${network}/${encodeURIComponent(chat.toWellFormed())}`;

/** All state by which clients know a portal. */
export function portalState(
  {
    login,
    network,
    chat,
    kind,
    bot,
    name,
  }: Omit<Described, "owner"> & { readonly login: Pick<Login, "user"> },
  features: EncodedEvent,
) {
  return [
    ...bridgeInfo({ bot, network, chat, kind, name, owner: login.user }),
    { ...features, stateKey: bridgeStateKey(network.id, chat) },
  ];
}

/** State that tells clients what a portal is (MSC2346, both names it goes by) and hides the bot from its members. */
export function bridgeInfo({ bot, network, chat, kind, name, owner }: Described) {
  const content = {
    bridgebot: bot,
    creator: owner,
    protocol: { id: network.id, displayname: network.name },
    channel: { id: chat, displayname: name },
    ...(kind === "direct" ? { "com.beeper.room_type": "dm" } : {}),
  };
  const stateKey = bridgeStateKey(network.id, chat);
  return [
    { type: "m.bridge", stateKey, content },
    { type: "uk.half-shot.bridge", stateKey, content },
    { type: "io.element.functional_members", stateKey: "", content: { service_members: [bot] } },
  ] as const;
}
