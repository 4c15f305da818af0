import type { PortalKey } from "../model/events.ts";
import type { EventId, LoginId, OutboxId } from "../model/ids.ts";
import type { NetworkOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";

/** Why a message failed. */
export interface Failure {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The reason, in words for the message's person. */
  readonly words: string;
  /** The row of the notice with these words. It was not queued where the room had the same words before. */
  readonly notice: OutboxId;
  /** The event that bears the mark; undefined for one that nobody sees. */
  readonly on?: EventId | undefined;
  /** Whether the network had taken it: then that it has it says nothing. */
  readonly taken?: boolean;
}

/** `failure` is undefined where an earlier version of the bridge gave the message up. */
export type FailedMessage = NetworkOutboxRow & { readonly failure: Failure | undefined };

/** Scope of the records of failed messages that their person discarded, by row; it goes with the login. */
const discardedScope = (login: LoginId): string => `login/${login}/dismissed`;
/** Scope of the records of why messages failed, by row; it goes with the login. */
const failureScope = (login: LoginId): string => `login/${login}/failed`;
/** Milliseconds a record is kept: longer than the rows are. */
const KEPT = 90 * 86_400_000;

/** A chat's messages that failed and that their person has not discarded, oldest first. */
export async function failedMessages(
  { records, networkOutbox }: Store,
  { login, chat }: PortalKey,
): Promise<readonly FailedMessage[]> {
  const rows = await networkOutbox.listFailed({ login, chat });
  if (rows.length === 0) return [];
  const discarded = new Set((await records.all(discardedScope(login))).map(({ name }) => name));
  const left = rows.filter(({ id }) => !discarded.has(id));
  return Promise.all(left.map(async (row) => ({ ...row, failure: await failureOf({ records }, row) })));
}

/** Why a row failed; undefined where that is not known. */
export async function failureOf(
  { records }: Pick<Store, "records">,
  { id, key }: Pick<NetworkOutboxRow, "id" | "key">,
): Promise<Failure | undefined> {
  const value = await records.get(failureScope(key.login), id);
  if (value === undefined) return undefined;
  return JSON.parse(value) as Failure;
}

/** The person is told of this failure in the same commit. */
export function noteFailure(
  tx: Writes,
  { id, key }: Pick<NetworkOutboxRow, "id" | "key">,
  failure: Failure,
): void {
  tx.records.set(failureScope(key.login), id, JSON.stringify(failure), failure.at + KEPT);
}

/** The message is sent again, or did arrive. */
export function endFailure(tx: Writes, { id, key }: Pick<NetworkOutboxRow, "id" | "key">): void {
  tx.records.remove(failureScope(key.login), id);
  tx.records.remove(discardedScope(key.login), id);
}

/** The person does not want these sent again; `at` is now. */
export function discard(tx: Writes, { login }: PortalKey, ids: readonly OutboxId[], at: number): void {
  for (const id of ids) tx.records.set(discardedScope(login), id, "dismissed", at + KEPT);
}
