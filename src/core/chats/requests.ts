import type { PortalKey } from "../model/events.ts";
import type { UserId } from "../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { commandTarget } from "./command-target.ts";
import type { Connections } from "./connections.ts";
import { setMuted } from "./mutes.ts";
import type { Spaces } from "./spaces.ts";
import type { ChatOwner, PortalWithRoom } from "./successions.ts";

/** The scope of the records of people who want no requests: whoever writes to them is accepted. */
export const NO_REQUESTS = "no-requests";

/** The scope of a login's chats that are a request until its person answers it. */
const scope = (login: PortalKey["login"]): string => `login/${login}/request`;

/**
 * Whether somebody's first chat is to be accepted or declined. Until then nothing that our person does is told to them;
 * that their messages arrived is, as they would be sent again.
 */
export async function isRequest(store: Pick<Store, "records">, { login, chat }: PortalKey): Promise<boolean> {
  return (await store.records.get(scope(login), chat)) !== undefined;
}

const openRequest = (tx: Writes, { login, chat }: PortalKey): void =>
  tx.records.set(scope(login), chat, "asked");

/** It is answered, either way. */
export const endRequest = (tx: Writes, { login, chat }: PortalKey): void =>
  tx.records.remove(scope(login), chat);

/** Accepts or declines, which the network is to be told. */
export function answerRequest(tx: Writes, key: PortalKey, accepted: boolean): void {
  endRequest(tx, key);
  tx.requestAnswers.put(key, accepted);
}

interface Begun {
  readonly login: Login;
  readonly key: PortalKey;
  readonly begunByContact?: boolean;
}

interface RequestsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot" | "putOut">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly spaces: Pick<Spaces, "puppets">;
  readonly connections: Pick<Connections, "client">;
}

/** What people answer to those who write to them for the first time. */
export class Requests {
  readonly #parts: RequestsParts;

  constructor(parts: RequestsParts) {
    this.#parts = parts;
  }

  /**
   * The writes for a new chat: one that a contact begins is a request where its network says so; where that says nothing,
   * without double puppets the invitation is one itself.
   */
  async begin({ login, key, begunByContact = false }: Begun): Promise<(tx: Writes) => void> {
    const { store, spaces } = this.#parts;
    if (!begunByContact) return () => {};
    const atNetwork = await this.#isUnanswered(key);
    if (atNetwork === false || (atNetwork === undefined && !(await spaces.puppets()))) return () => {};
    if ((await store.records.get(NO_REQUESTS, login.user)) === undefined) return (tx) => openRequest(tx, key);
    return (tx) => {
      if (atNetwork === true) tx.requestAnswers.put(key, true);
    };
  }

  async #isUnanswered({ login, chat }: PortalKey): Promise<boolean | undefined> {
    const client = this.#parts.connections.client(login);
    if (!client?.answerRequest) return undefined;
    const info = await client.chatInfo?.(chat);
    return info?.kind === "direct" ? info.isRequest : undefined;
  }

  /** The row of the notice that asks about a new chat; undefined where it is no request. */
  async question(portal: PortalWithRoom, { network, profile: { name } }: ChatOwner) {
    const { store, homeserver, encoder, outbox } = this.#parts;
    if (!(await isRequest(store, portal))) return undefined;
    const about = await commandTarget(store, portal);
    const words = `${name} writes to you on ${network.name} for the first time. They do not see that you read or write, until you accept: write back, or answer this with 👍. 👎 declines, and takes you out of here. As words to me: “accept ${about}”, “decline ${about}”, or “decline ${about} block”.`;
    return outbox.row(portal.room, homeserver.bot, encoder.notice(words));
  }

  accept(portal: PortalKey): Promise<void> {
    return this.#parts.store.write((tx) => answerRequest(tx, portal, true));
  }

  /** Takes the person out of the chat, to which they are not invited again, and has the network told. */
  decline(portal: Portal, user: UserId): Promise<void> {
    return this.#close(portal, user, (tx) => answerRequest(tx, portal, false));
  }

  /** As {@link decline}, where the network knows it. */
  declined(portal: Portal, user: UserId): Promise<void> {
    return this.#close(portal, user, (tx) => endRequest(tx, portal));
  }

  async #close(portal: Portal, user: UserId, record: (tx: Writes) => void): Promise<void> {
    const { store, homeserver } = this.#parts;
    // Before they are out of it, as what comes meanwhile would invite them again.
    await setMuted(store, portal, true);
    if (portal.room !== undefined) await homeserver.putOut(portal.room, user, "You declined this chat.");
    await store.write(record);
  }
}
