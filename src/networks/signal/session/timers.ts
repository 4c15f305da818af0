import type { ChatId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { LoginContext } from "../login-context.ts";
import { type ExpireTimer, signalFamily } from "../records.ts";
import type { Batch } from "./batch.ts";

const OFF: ExpireTimer = { seconds: 0, version: 0 };
/** Clients begin to count with this one. */
const FIRST_VERSION = 1;

/** The chat's timer, which every message of ours carries: another one would switch it for both sides. */
export async function timerOf(
  { store, login }: Pick<LoginContext, "store" | "login">,
  chat: ChatId,
): Promise<ExpireTimer> {
  const { seconds, version } = (await store.family(signalFamily).timer(login, chat)) ?? OFF;
  return { seconds, version: Math.max(version, FIRST_VERSION) };
}

/** The chat's timer as our person sets it: a later one than any that is known. */
export async function nextTimer(
  context: Pick<LoginContext, "store" | "login">,
  chat: ChatId,
  seconds: number,
): Promise<ExpireTimer> {
  const { version } = await timerOf(context, chat);
  return { seconds, version: version + 1 };
}

/**
 * Takes the timer that a message carries: of two versions the higher is the later, and an old client names none. True
 * where the chat's timer is another one now.
 */
export async function takeTimer(
  context: Pick<LoginContext, "store" | "login">,
  batch: Pick<Batch, "timers" | "writes">,
  chat: ChatId,
  { seconds, version }: ExpireTimer,
): Promise<boolean> {
  const before = (await knownTimer(context, batch, chat)) ?? OFF;
  const isOlder = version !== 0 && version < before.version;
  if (isOlder || (seconds === before.seconds && version <= before.version)) return false;
  const timer = { seconds, version: Math.max(version, before.version) };
  batch.timers.set(chat, timer);
  batch.writes.push((tx: Writes) => tx.family(signalFamily).setTimer(context.login, chat, timer));
  return seconds !== before.seconds;
}

/** A chat goes on in another one, which takes its timer along where that is the later one. */
export async function moveTimer(
  context: Pick<LoginContext, "store" | "login">,
  batch: Pick<Batch, "timers" | "writes">,
  from: ChatId,
  to: ChatId,
): Promise<void> {
  const moved = await knownTimer(context, batch, from);
  if (!moved) return;
  const there = await knownTimer(context, batch, to);
  if (!there || moved.version > there.version) batch.timers.set(to, moved);
  batch.writes.push((tx: Writes) => tx.family(signalFamily).moveTimer(context.login, from, to));
}

const knownTimer = async (
  { store, login }: Pick<LoginContext, "store" | "login">,
  { timers }: Pick<Batch, "timers">,
  chat: ChatId,
): Promise<ExpireTimer | undefined> =>
  timers.get(chat) ?? (await store.family(signalFamily).timer(login, chat));
