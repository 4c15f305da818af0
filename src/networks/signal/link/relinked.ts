import type { LoginId } from "../../../core/model/ids.ts";
import type { RemoteSink } from "../../../core/ports/network.ts";
import type { Store, Writes } from "../../../core/ports/store.ts";
import { loginScope } from "../record-scopes.ts";

const RELINKED = "relinked";

/** The write that a login is another device from here on: its chats may have been closed when the former was unlinked. */
export const markRelinked = (tx: Writes, login: LoginId): void =>
  tx.records.set(loginScope(login), RELINKED, "yes");

/** Opens the chats of a login that was linked again; called when it is connected. */
export async function reopenRelinked(
  store: Pick<Store, "records" | "write">,
  login: LoginId,
  sink: Pick<RemoteSink, "resumed">,
): Promise<void> {
  if ((await store.records.get(loginScope(login), RELINKED)) === undefined) return;
  await sink.resumed();
  await store.write((tx) => tx.records.remove(loginScope(login), RELINKED));
}
