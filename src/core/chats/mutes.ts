import type { PortalKey } from "../model/events.ts";
import type { Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/** The scope of the chats that a person left for good; its records go with the login. */
const scope = (login: PortalKey["login"]): string => `login/${login}/muted`;

const DECLINED = "declined";

/** Whether the person is not to be invited again to a chat they left. */
export async function isMuted(store: Store, { login, chat }: PortalKey): Promise<boolean> {
  return (await store.records.get(scope(login), chat)) !== undefined;
}

/** Whether the chat is one that its person declined, and has not gone back to since. */
export async function isDeclined(store: Store, { login, chat, member }: Portal): Promise<boolean> {
  return member === "left" && (await store.records.get(scope(login), chat)) === DECLINED;
}

/** They declined the chat, and are not invited to it again. */
export const setDeclined = (store: Store, { login, chat }: PortalKey): Promise<void> =>
  store.write((tx) => tx.records.set(scope(login), chat, DECLINED));

export function setMuted(store: Store, { login, chat }: PortalKey, muted: boolean): Promise<void> {
  return store.write((tx) =>
    muted ? tx.records.set(scope(login), chat, "muted") : tx.records.remove(scope(login), chat),
  );
}
