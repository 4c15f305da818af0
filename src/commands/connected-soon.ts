import type { CommandScope } from "../core/command-scope.ts";
import type { LoginId } from "../core/model/ids.ts";
import type { Clock } from "../core/ports/clock.ts";

/** How long an answer waits for a connection, in milliseconds. */
const CONNECT_TIMEOUT = 15_000;

/** Whether the login is connected, or becomes so within the time-out. */
export async function connectedSoon(
  login: LoginId,
  { connections, clock }: Pick<CommandScope, "connections"> & { readonly clock: Clock },
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
