import type { ChatId, NetworkId, UserId } from "../model/ids.ts";
import type { EncodedEvent } from "../ports/homeserver.ts";
import type { Login, Portal } from "../ports/rows.ts";

interface DescribedPortal {
  readonly bot: UserId;
  readonly network: { readonly id: NetworkId; readonly name: string };
  readonly chat: ChatId;
  readonly kind: Portal["kind"];
  readonly name: string;
  readonly owner: UserId;
}

/** A state key that tells this bridge's state events from another bridge's in the same room. */
export const bridgeStateKey = (network: NetworkId, chat: ChatId): string =>
  `thirdpartychats://${network}/${encodeURIComponent(chat.toWellFormed())}`;

/** All state events that describe a portal to clients. */
export function portalState(
  {
    login,
    network,
    chat,
    kind,
    bot,
    name,
  }: Omit<DescribedPortal, "owner"> & { readonly login: Pick<Login, "user"> },
  features: EncodedEvent,
) {
  return [
    ...bridgeInfo({ bot, network, chat, kind, name, owner: login.user }),
    { ...features, stateKey: bridgeStateKey(network.id, chat) },
  ];
}

/**
 * State events that tell clients what a portal is (MSC2346, under both its names) and hide the bot from the members.
 */
export function bridgeInfo({ bot, network, chat, kind, name, owner }: DescribedPortal) {
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
