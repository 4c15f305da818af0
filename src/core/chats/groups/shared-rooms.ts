import type { GroupInfo } from "../../model/groups.ts";
import type { ChatId } from "../../model/ids.ts";
import { cleanName, cleanTopic } from "../../model/names.ts";
import type { Network } from "../../ports/network.ts";
import type { GroupPortal, Login, Portal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";

/** The group as others have it whose room the login shares: none in which its person is with another account. */
export async function portalToShare(
  { portals, logins }: Store,
  { user }: Login,
  network: Network,
  chat: ChatId,
): Promise<GroupPortal | undefined> {
  const all = await portals.ofGroup(network.id, chat);
  const taken = new Set<string>();
  for (const { login, createKey } of all) {
    if ((await logins.get(login))?.user === user) taken.add(createKey);
  }
  return all.find(({ state, createKey }) => state !== "archived" && !taken.has(createKey));
}

/** Whether others of our people still use the group's room. */
export async function othersGoOn(
  { portals }: Pick<Store, "portals">,
  { login, room, kind }: Portal,
): Promise<boolean> {
  const all = room === undefined || kind === "direct" ? [] : await portals.ofRoom(room);
  return all.some((other) => other.login !== login && other.state !== "archived");
}

/** A new group's fields, as the network described it. */
export const groupRow = (info: GroupInfo | undefined) =>
  ({
    kind: "group",
    name: cleanName(info?.name ?? "", ""),
    topic: cleanTopic(info?.topic ?? ""),
    avatar: info?.avatar ?? "",
    picture: "",
    permissions: info?.permissions ?? { writes: "member", changes: "member" },
    powers: "",
    self: info?.self ?? "",
  }) as const;
