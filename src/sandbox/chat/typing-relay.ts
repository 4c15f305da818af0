import { node } from "../../networks/meta-interop/wire/node.ts";
import type { Account } from "../state/accounts.ts";
import type { OnlineSessions } from "./online-sessions.ts";

/** Sends typing to users who are connected; it is never stored. */
export function typingRelay(sessions: OnlineSessions) {
  return {
    /** @param from the chat and, in a group, who types. */
    send(
      account: Account,
      from: { readonly from: string; readonly participant?: string },
      on: boolean,
      voice: boolean,
    ): void {
      const state = on ? node("composing", voice ? { media: "audio" } : {}) : node("paused");
      sessions.get(account.id)?.send(node("chatstate", from, [state]));
    },
  };
}
export type TypingRelay = ReturnType<typeof typingRelay>;
