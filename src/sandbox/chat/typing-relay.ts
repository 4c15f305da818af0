import { node } from "../../networks/meta-interop/wire/node.ts";
import type { Person } from "../phone/person.ts";
import type { Account } from "../state/accounts.ts";
import type { PostOffice } from "./online-sessions.ts";

/** Typing goes out only to who is connected, and is never kept. */
export function typingDesk(office: PostOffice) {
  return {
    tell(person: Person, account: Account, on: boolean, voice: boolean): void {
      const state = on ? node("composing", voice ? { media: "audio" } : {}) : node("paused");
      office.session(account.id)?.send(node("chatstate", { from: person.row.jid }, [state]));
    },
  };
}
export type TypingDesk = ReturnType<typeof typingDesk>;
