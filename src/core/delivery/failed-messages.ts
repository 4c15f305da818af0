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
export async function failedMessages(store: Store, key: PortalKey): Promise<readonly FailedMessage[]> {
  const failed = await everyFailedMessage(store, key);
  if (failed.length === 0) return failed;
  const discarded = new Set((await store.records.all(discardedScope(key.login))).map(({ name }) => name));
  return failed.filter(({ id }) => !discarded.has(id));
}

/** As {@link failedMessages}, with what was discarded. */
export async function everyFailedMessage(
  { records, networkOutbox }: Store,
  { login, chat }: PortalKey,
): Promise<readonly FailedMessage[]> {
  const rows = await networkOutbox.listFailed({ login, chat });
  return Promise.all(rows.map(async (row) => ({ ...row, failure: await failureOf({ records }, row) })));
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

/** The scope of what was sent again, by row, with the event by which a client asked for it; it goes with the login. */
const retryScope = (login: LoginId): string => `login/${login}/sent-again`;

/** `by`: the event by which the person's client sent the message again, where it was a client; `at` is now. */
export function noteRetry(
  tx: Writes,
  { id, key }: Pick<NetworkOutboxRow, "id" | "key">,
  by: EventId | undefined,
  at: number,
): void {
  tx.records.set(retryScope(key.login), id, by ?? "", at + KEPT);
}

export async function lastRetryOf(
  { records }: Pick<Store, "records">,
  { id, key }: Pick<NetworkOutboxRow, "id" | "key">,
): Promise<EventId | undefined> {
  const by = await records.get(retryScope(key.login), id);
  return by === undefined || by === "" ? undefined : (by as EventId);
}

/** Whether a message failed before, and was sent again. */
export async function wasSentAgain(
  { records }: Pick<Store, "records">,
  { id, key }: Pick<NetworkOutboxRow, "id" | "key">,
): Promise<boolean> {
  return (await records.get(retryScope(key.login), id)) !== undefined;
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
