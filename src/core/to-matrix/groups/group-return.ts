import type { Connections } from "../../chats/connections.ts";
import type { Ghosts } from "../../chats/ghosts.ts";
import { setCrowd, shownOf } from "../../chats/groups/crowds.ts";
import { BridgeError } from "../../model/errors.ts";
import type { PortalKey } from "../../model/events.ts";
import { cleanName, cleanTopic } from "../../model/names.ts";
import type { Network } from "../../ports/network.ts";
import type { GroupPortal } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { GroupNow, NetworkEventContext } from "../event-context.ts";
import { queuePermissions } from "./group-permissions.ts";

interface GroupNowParts {
  readonly store: Pick<Store, "portalMembers">;
  readonly connections: Pick<Connections, "client">;
  readonly ghosts: Pick<Ghosts, "addAll">;
}

/** Asks the network; undefined where it does not say. Rejects while it is away. */
export async function groupNow(
  { store, connections, ghosts }: GroupNowParts,
  key: PortalKey,
  network: Network,
): Promise<GroupNow | undefined> {
  try {
    const info = await connections.client(key.login)?.chatInfo?.(key.chat);
    if (info?.kind !== "group") return undefined;
    await ghosts.addAll(network, shownOf(info));
    return { info, before: await store.portalMembers.of(key) };
  } catch (error) {
    if (BridgeError.from(error).outage) throw error;
    return undefined;
  }
}

/** The writes for what changed in a group while its person was out of it, of which nobody told them. */
export async function bringUpToDate(
  group: GroupPortal & NetworkEventContext["portal"],
  context: NetworkEventContext,
): Promise<(tx: Writes) => void> {
  const now = await context.groupNow();
  if (!now) return () => {};
  const { outbox, bot, network, profiles } = context;
  const { info, before } = now;
  const { login, chat, room } = group;
  const [name, topic] = [cleanName(info.name, ""), cleanTopic(info.topic ?? "")];
  const state = (type: string, content: { readonly [field: string]: unknown }) =>
    outbox.row(room, bot, { type, content }, { stateKey: "" });
  const { shown } = profiles.of({ ...group, name }, undefined, network);
  const rows = [
    ...(name === group.name ? [] : [state("m.room.name", { name: shown })]),
    ...(topic === group.topic ? [] : [state("m.room.topic", { topic })]),
  ];
  const present = shownOf(info);
  const there = new Set(present.map(({ person }) => person));
  const gone = before.filter(({ person }) => person !== undefined && !there.has(person));
  const permit = info.permissions ? queuePermissions(info.permissions, context) : undefined;
  return (tx) => {
    tx.portals.setGroup(group, { name, topic, avatar: info.avatar ?? "" });
    for (const row of rows) tx.matrixOutbox.add(row);
    for (const member of gone) tx.portalMembers.put({ ...member, role: "member", membership: "left" });
    for (const { person, role } of present)
      tx.portalMembers.put({ login, chat, person, role, membership: "joined" });
    if (info.members.length > present.length) setCrowd(tx, group, info.members.length);
    permit?.(tx);
  };
}
