import type { PortalKey } from "../model/events.ts";
import type { LoginId, OutboxId } from "../model/ids.ts";
import type { NetworkOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";

/** Scope of the records of failed messages that their person dismissed, by row; it goes with the login. */
const scope = (login: LoginId): string => `login/${login}/dismissed`;
/** Milliseconds a dismissal is kept: longer than the rows are. */
const KEPT = 90 * 86_400_000;

/** A chat's messages that failed and that their person has not dismissed, oldest first. */
export async function failedMessages(
  { records, networkOutbox }: Store,
  { login, chat }: PortalKey,
): Promise<readonly NetworkOutboxRow[]> {
  const rows = await networkOutbox.listFailed({ login, chat });
  if (rows.length === 0) return rows;
  const dismissed = new Set((await records.all(scope(login))).map(({ name }) => name));
  return rows.filter(({ id }) => !dismissed.has(id));
}

/** The person does not want these sent again; `at` is now. */
export function dismiss(tx: Writes, { login }: PortalKey, ids: readonly OutboxId[], at: number): void {
  for (const id of ids) tx.records.set(scope(login), id, "dismissed", at + KEPT);
}
