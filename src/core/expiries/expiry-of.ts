import type { Message } from "../model/content.ts";
import type { RemoteEvent } from "../model/events.ts";
import type { LoginId, MessageId } from "../model/ids.ts";
import type { Expiring } from "../ports/expiries.ts";

/** The longest time, in seconds, after which anything disappears: ten years. */
const MAX_SECONDS = 315_360_000;
const DAY = 86_400_000;

/** The seconds after which a message disappears, as far as a network may say so; undefined where it stays. */
export const expirySeconds = (seconds: number | undefined): number | undefined =>
  seconds !== undefined && seconds > 0 ? Math.min(MAX_SECONDS, Math.ceil(seconds)) : undefined;

/**
 * When a message from the network disappears; undefined where it stays. Our person's own counts from when it was sent,
 * a contact's from when our person has read it.
 */
export function expiryOf(
  login: LoginId,
  { chat, sender, at }: Pick<RemoteEvent, "chat" | "sender" | "at">,
  id: MessageId,
  { expires }: Message,
): Expiring | undefined {
  const seconds = expirySeconds(expires?.seconds);
  if (seconds === undefined) return undefined;
  const { startedAt = at } = expires ?? {};
  const since = Math.floor(startedAt <= at + DAY ? startedAt : at);
  const due = sender === undefined ? since + 1000 * seconds : undefined;
  return { login, chat, id, sender, seconds, due };
}
