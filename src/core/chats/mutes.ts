import type { PortalKey } from "../model/events.ts";
import type { Store } from "../ports/store.ts";

/** The scope of the chats that a person left for good; its records go with the login. */
const scope = (login: PortalKey["login"]): string => `login/${login}/muted`;

/** Whether the person is not to be invited again to a chat they left. */
export async function isMuted(store: Store, { login, chat }: PortalKey): Promise<boolean> {
  return (await store.records.get(scope(login), chat)) !== undefined;
}

export function setMuted(store: Store, { login, chat }: PortalKey, muted: boolean): Promise<void> {
  return store.write((tx) =>
    muted ? tx.records.set(scope(login), chat, "muted") : tx.records.remove(scope(login), chat),
  );
}
