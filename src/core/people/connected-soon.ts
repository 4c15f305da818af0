import type { Connections } from "../chats/connections.ts";
import type { LoginId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";

/** How long an answer waits for a connection, in milliseconds. */
const CONNECT_TIMEOUT = 15_000;

/** Whether the login is connected, or becomes so within the time-out. */
export async function connectedSoon(
  login: LoginId,
  { connections, clock }: { readonly connections: Connections; readonly clock: Pick<Clock, "after"> },
): Promise<boolean> {
  const timeout = new AbortController();
  const cancel = clock.after(CONNECT_TIMEOUT, () => timeout.abort());
  try {
    await connections.client(login)?.connected(timeout.signal);
  } catch {
    // The state below answers for a connection that is not there in time.
  } finally {
    cancel();
  }
  return connections.state(login).kind === "connected";
}
