import type { Connections } from "../chats/connections.ts";
import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { Step } from "../runtime/lanes.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";

interface ToldAnswersParts {
  readonly store: Pick<Store, "requestAnswers" | "portals" | "write">;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: Pick<MatrixEncoder, "notice">;
  readonly outbox: OutboxRows;
  readonly connections: Pick<Connections, "client">;
  readonly log: Log;
}

/** Milliseconds until the next try, unless the connection comes back or something is to be sent before. */
const AGAIN = 30_000;

/**
 * A step of a chat's lane: the network is told what its person answered to the contact's request, before anything is sent
 * by `send`. What it does not take now keeps nothing from being sent to a contact; into a group one is let by it.
 */
export function tellAnswers(
  parts: ToldAnswersParts,
  send: (key: PortalKey) => Promise<Step>,
): (key: PortalKey) => Promise<Step> {
  return async (key) => {
    const isTold = await tellAnswer(parts, key);
    if (!isTold && (await parts.store.portals.byChat(key))?.kind === "group") return { due: AGAIN };
    const step = await send(key);
    return step === "idle" && !isTold ? { due: AGAIN } : step;
  };
}

async function tellAnswer(parts: ToldAnswersParts, key: PortalKey): Promise<boolean> {
  const { store, connections, log } = parts;
  const accepted = await store.requestAnswers.of(key);
  if (accepted === undefined) return true;
  const client = connections.client(key.login);
  if (client?.state.kind !== "connected") return false;
  let refused: ((tx: Writes) => void) | undefined;
  try {
    await client.answerRequest?.(key.chat, accepted);
  } catch (thrown) {
    const error = BridgeError.from(thrown);
    if (error.outage || error.retryAfter !== undefined) return false;
    log.warn("a network does not take the answer to a request", { login: key.login, ...faultOf(error) });
    if (accepted) refused = await refusedWords(parts, key, error);
  }
  await store.write((tx) => {
    tx.requestAnswers.told(key, accepted);
    refused?.(tx);
  });
  return true;
}

/** Says in a group's room that its person is not in the group, as their answer was not taken. */
async function refusedWords(
  { store, homeserver, encoder, outbox }: ToldAnswersParts,
  key: PortalKey,
  { words }: BridgeError,
): Promise<((tx: Writes) => void) | undefined> {
  const portal = await store.portals.byChat(key);
  if (portal?.kind !== "group" || portal.room === undefined) return undefined;
  const notice = encoder.notice(`Your answer to the invitation did not bring you into the group: ${words}`);
  const row = outbox.row(portal.room, homeserver.bot, notice);
  return (tx) => tx.matrixOutbox.add(row);
}
