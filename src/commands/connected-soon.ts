import type { CommandScope } from "../core/command-scope.ts";
import type { LoginId } from "../core/model/ids.ts";
import type { Clock } from "../core/ports/clock.ts";

/** How long an answer waits for a connection that is being made. */
const PATIENCE = 15_000;

/** Whether the login is connected now, or soon. */
export async function connectedSoon(
  login: LoginId,
  { connections, clock }: Pick<CommandScope, "connections"> & { readonly clock: Clock },
): Promise<boolean> {
  const patience = new AbortController();
  const cancel = clock.after(PATIENCE, () => patience.abort());
  try {
    await connections.client(login)?.connected(patience.signal);
  } catch {
    // Not connected in time is an answer too: the state says so.
  } finally {
    cancel();
  }
  return connections.state(login).kind === "connected";
}
