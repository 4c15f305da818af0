import type { Connections } from "../chats/connections.ts";
import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { Step } from "../runtime/lanes.ts";

interface ToldAnswersParts {
  readonly store: Pick<Store, "requestAnswers" | "write">;
  readonly connections: Pick<Connections, "client">;
  readonly log: Log;
}

/** Milliseconds until the next try, unless the connection comes back or something is to be sent before. */
const AGAIN = 30_000;

/**
 * A step of a chat's lane: the network is told what its person answered to the contact's request, before anything is sent
 * by `send`. What it does not take now keeps nothing from being sent.
 */
export function tellAnswers(
  parts: ToldAnswersParts,
  send: (key: PortalKey) => Promise<Step>,
): (key: PortalKey) => Promise<Step> {
  return async (key) => {
    const isTold = await tellAnswer(parts, key);
    const step = await send(key);
    return step === "idle" && !isTold ? { due: AGAIN } : step;
  };
}

async function tellAnswer({ store, connections, log }: ToldAnswersParts, key: PortalKey): Promise<boolean> {
  const accepted = await store.requestAnswers.of(key);
  if (accepted === undefined) return true;
  const client = connections.client(key.login);
  if (client?.state.kind !== "connected") return false;
  try {
    await client.answerRequest?.(key.chat, accepted);
  } catch (thrown) {
    const error = BridgeError.from(thrown);
    if (error.outage || error.retryAfter !== undefined) return false;
    log.warn("a network does not take the answer to a request", { login: key.login, ...faultOf(error) });
  }
  await store.write((tx) => tx.requestAnswers.told(key, accepted));
  return true;
}
