import type { PortalKey } from "../model/events.ts";
import type { Store, Writes } from "../ports/store.ts";

/** The scope of a login's chats whose timer was set before they had a room, where it is told later; a value is the seconds. */
const scope = (login: PortalKey["login"]): string => `login/${login}/untold-timer`;

export async function untoldTimer(
  { records }: Pick<Store, "records">,
  { login, chat }: PortalKey,
): Promise<number | undefined> {
  const value = await records.get(scope(login), chat);
  return value === undefined ? undefined : Number(value);
}

/** `seconds`: 0 where there is nothing to tell. */
export function setUntoldTimer(
  tx: Pick<Writes, "records">,
  { login, chat }: PortalKey,
  seconds: number,
): void {
  if (seconds > 0) tx.records.set(scope(login), chat, String(seconds));
  else tx.records.remove(scope(login), chat);
}
