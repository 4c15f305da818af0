import type { Node } from "../../networks/meta-interop/wire/node.ts";
import type { Groups } from "../groups/groups.ts";
import type { MediaProxy } from "../partner/media-proxy.ts";
import type { People } from "../phone/people.ts";
import type { PersonParts } from "../phone/person-parts.ts";
import type { AccountIdentities } from "../state/account-identities.ts";
import type { LoginSession } from "./login-session.ts";
import type { TypingRelay } from "./typing-relay.ts";

/** What a handler of a client's stanza gets. */
export interface StanzaContext {
  readonly session: LoginSession;
  readonly people: People;
  readonly parts: PersonParts;
  readonly identities: AccountIdentities;
  readonly groups: Groups;
  readonly typing: TypingRelay;
  /** Fetches what an integrator's user hosts. */
  readonly fetchHosted: MediaProxy;
  /** Counts acknowledgements and deliveries of a load run; call it inside a commit. */
  readonly loadCounts: { acked(load: number): void; delivered(load: number): void };
}

export type StanzaHandler = (context: StanzaContext, stanza: Node) => Promise<void> | void;
