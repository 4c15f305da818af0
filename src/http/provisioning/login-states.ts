import type { z } from "zod";
import type { Connections } from "../../core/chats/connections.ts";
import type { Login } from "../../core/ports/rows.ts";
import type { bridgeState } from "./shapes.ts";

type BridgeState = z.input<typeof bridgeState>;

/** How a login does, in mautrix's words and in a sentence for its person. */
export function stateOf(login: Login, connections: Connections): BridgeState {
  const timestamp = connections.since(login.id) ?? login.consentAt;
  if (login.state === "leaving") {
    const message = "It is being turned off; the network has not confirmed it yet.";
    return { state_event: "LOGGED_OUT", timestamp, message };
  }
  const state = connections.state(login.id);
  switch (state.kind) {
    case "connected":
      return { state_event: "CONNECTED", timestamp };
    case "connecting":
      return { state_event: "CONNECTING", timestamp };
    case "waiting":
      return {
        state_event: "TRANSIENT_DISCONNECT",
        timestamp,
        message: `${state.words} It is tried again by itself; messages wait meanwhile.`,
      };
    case "refused":
      return {
        // Where there is a trouble its administrator must do something, else the person.
        state_event: state.trouble === undefined ? "BAD_CREDENTIALS" : "UNKNOWN_ERROR",
        timestamp,
        message: state.words,
      };
  }
}
