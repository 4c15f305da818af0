import type { PortalKey } from "../../model/events.ts";
import type { LoginId } from "../../model/ids.ts";
import type { Store, Writes } from "../../ports/store.ts";

/** The scope of the records of a login's chats that are closed as its network grants no writing there. */
const scope = (login: LoginId): string => `login/${login}/closed`;

/** Whether a chat's room is closed until the network grants writing there again. */
export const isClosedForNow = async (
  { records }: Pick<Store, "records">,
  { login, chat }: PortalKey,
): Promise<boolean> => (await records.get(scope(login), chat)) !== undefined;

export function setClosedForNow(
  { records }: Pick<Writes, "records">,
  { login, chat }: PortalKey,
  closed: boolean,
): void {
  if (closed) records.set(scope(login), chat, "closed");
  else records.remove(scope(login), chat);
}
