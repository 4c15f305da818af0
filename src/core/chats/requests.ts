import type { PortalKey } from "../model/events.ts";
import type { GroupInfo } from "../model/groups.ts";
import type { PersonId, UserId } from "../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { GroupPortal, Login, Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { Tell } from "../runtime/tell.ts";
import type { Archives } from "./archives.ts";
import { commandTarget } from "./command-target.ts";
import type { Connections } from "./connections.ts";
import { othersGoOn } from "./groups/shared-rooms.ts";
import { setDeclined } from "./mutes.ts";
import type { Spaces } from "./spaces.ts";
import type { ChatOwner, PortalWithRoom } from "./successions.ts";

/** The scope of the records of people who want no requests: whoever writes to them is accepted. */
export const NO_REQUESTS = "no-requests";

/** The scope of a login's chats that are a request until its person answers it. */
const scope = (login: PortalKey["login"]): string => `login/${login}/request`;

/** The values of such a record; of an invitation to a group, who it is of follows. */
const ASKED = "asked";
const INVITED = "invited ";

/**
 * Whether somebody's first chat, or their invitation to a group, is to be accepted or declined. Until then nothing that our
 * person does is told to them; that their messages arrived is where the network would send them again otherwise.
 */
export async function isRequest(store: Pick<Store, "records">, { login, chat }: PortalKey): Promise<boolean> {
  return (await store.records.get(scope(login), chat)) !== undefined;
}

const openRequest = (tx: Writes, { login, chat }: PortalKey): void =>
  tx.records.set(scope(login), chat, ASKED);

/** Our person was invited to a group, and is yet to be asked. */
const openInvitation = (tx: Writes, { login, chat }: PortalKey, by: PersonId | undefined): void =>
  tx.records.set(scope(login), chat, `${INVITED}${by ?? ""}`);

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
  readonly chat:
    | { readonly kind: "direct" }
    | { readonly kind: "group"; readonly info: Pick<GroupInfo, "isRequest" | "invitedBy"> | undefined };
  readonly begunByContact?: boolean;
}

type Owner = Pick<ChatOwner, "login" | "network" | "profile">;

interface RequestsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot" | "putOut">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly spaces: Pick<Spaces, "puppets">;
  readonly connections: Pick<Connections, "client">;
  readonly archives: Pick<Archives, "close">;
  readonly tell: Tell;
}

/** What people answer to those who write to them for the first time. */
export class Requests {
  readonly #parts: RequestsParts;

  constructor(parts: RequestsParts) {
    this.#parts = parts;
  }

  /**
   * The writes for a new chat: one that a contact begins is a request where its network says so; where that says nothing,
   * without double puppets the invitation is one itself. A group is one while its network waits for the person's answer.
   */
  async begin({ login, key, chat, begunByContact = false }: Begun): Promise<(tx: Writes) => void> {
    const { spaces } = this.#parts;
    if (chat.kind === "group") {
      const { isRequest: isInvited, invitedBy } = chat.info ?? {};
      // Who wants no requests accepts it once the event is converted.
      if (isInvited !== true || (await this.#wantsNoRequests(login))) return () => {};
      return (tx) => openInvitation(tx, key, invitedBy);
    }
    if (!begunByContact) return () => {};
    const atNetwork = await this.#isUnanswered(key);
    if (atNetwork === false || (atNetwork === undefined && !(await spaces.puppets()))) return () => {};
    if (!(await this.#wantsNoRequests(login))) return (tx) => openRequest(tx, key);
    return (tx) => {
      if (atNetwork === true) tx.requestAnswers.put(key, true);
    };
  }

  async #wantsNoRequests({ user }: Login): Promise<boolean> {
    return (await this.#parts.store.records.get(NO_REQUESTS, user)) !== undefined;
  }

  async #isUnanswered({ login, chat }: PortalKey): Promise<boolean | undefined> {
    const client = this.#parts.connections.client(login);
    if (!client?.answerRequest) return undefined;
    const info = await client.chatInfo?.(chat);
    return info?.kind === "direct" ? info.isRequest : undefined;
  }

  /** The writes of the notice that asks about a new chat; undefined where it is no request, or was asked about. */
  async question(portal: PortalWithRoom, owner: Owner): Promise<((tx: Writes) => void) | undefined> {
    const { store, homeserver, encoder, outbox } = this.#parts;
    const { network, profile } = owner;
    const asked = await store.records.get(scope(portal.login), portal.chat);
    if (asked === undefined) return undefined;
    if (portal.kind === "group")
      return asked.startsWith(INVITED)
        ? this.#askInto(portal, owner, asked.slice(INVITED.length) as PersonId | "")
        : undefined;
    const about = await commandTarget(store, portal);
    const words = `${profile.name} writes to you on ${network.name} for the first time. They do not see that you read or write, until you accept: write back, or answer this with 👍. 👎 declines, and takes you out of here. As words to me: “accept ${about}”, “decline ${about}”, or “decline ${about} block”.`;
    const row = outbox.row(portal.room, homeserver.bot, encoder.notice(words));
    return (tx) => tx.matrixOutbox.add(row);
  }

  /** The writes by which somebody's invitation to a known group is a request; who wants no requests accepts it. */
  async invited(
    portal: GroupPortal & PortalWithRoom,
    owner: Owner,
    by: PersonId,
  ): Promise<(tx: Writes) => void> {
    if (await this.#wantsNoRequests(owner.login)) return (tx) => tx.requestAnswers.put(portal, true);
    const ask = await this.#askInto(portal, owner, by);
    return (tx) => {
      openRequest(tx, portal);
      ask(tx);
    };
  }

  /** The writes by which a person who was invited is in the group; those who are in its room already are not told. */
  async joined(portal: GroupPortal & PortalWithRoom): Promise<(tx: Writes) => void> {
    const { store, homeserver, encoder, outbox } = this.#parts;
    const isAlone = !(await othersGoOn(store, portal));
    const row = outbox.row(portal.room, homeserver.bot, encoder.notice("You are in this group now."));
    return (tx) => {
      endRequest(tx, portal);
      if (isAlone) tx.matrixOutbox.add(row);
    };
  }

  /** Asks in the group's room or, where others go on in it, the person alone. */
  async #askInto(
    portal: GroupPortal & PortalWithRoom,
    { login, network, profile }: Owner,
    by: PersonId | "",
  ): Promise<(tx: Writes) => void> {
    const { store, homeserver, encoder, outbox, tell } = this.#parts;
    const ghost = by === "" ? undefined : await store.ghosts.byPerson(portal.network, by);
    const members = await store.portalMembers.count(portal);
    const size = members === 0 ? "" : `, which has ${members} member${members === 1 ? "" : "s"}`;
    const words = `${ghost ? `${ghost.name} invites you` : "You are invited"} to ${profile.name} on ${network.name}${size}. You are in it once you accept; nobody there sees before that what you read or write.`;
    const about = await commandTarget(store, portal);
    const commands = `“accept ${about}” or “decline ${about}”`;
    if (await othersGoOn(store, portal)) {
      await tell(login.user, `${words} Write ${commands}.`, (tx) => openRequest(tx, portal));
      return () => {};
    }
    const how = `Answer this with 👍 or 👎, or write ${commands} to me.`;
    const row = outbox.row(portal.room, homeserver.bot, encoder.notice(`${words} ${how}`));
    return (tx) => tx.matrixOutbox.add(row);
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
    const { store, homeserver, archives } = this.#parts;
    if (portal.kind === "group") {
      const close = await archives.close(portal, DECLINED);
      return store.write((tx) => {
        record(tx);
        close(tx);
      });
    }
    // Before they are out of it, as what comes meanwhile would invite them again.
    await setDeclined(store, portal);
    if (portal.room !== undefined) await homeserver.putOut(portal.room, user, "You declined this chat.");
    await store.write((tx) => {
      record(tx);
      tx.portals.setMember(portal, "left");
    });
  }
}

const DECLINED = "You declined the invitation to this group. If you are invited again, I ask you again.";
