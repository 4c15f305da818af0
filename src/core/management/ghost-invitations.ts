import { roomLink } from "../chats/carrying.ts";
import type { ChatStarter } from "../chats/chat-starter.ts";
import type { Spaces } from "../chats/spaces.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { NetworkId, UserId } from "../model/ids.ts";
import { reachabilityWords } from "../model/reachability-text.ts";
import type { Access } from "../ports/access.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Ghost, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { NOT_ALLOWED } from "./management-words.ts";
import type { Notices } from "./notices.ts";

interface GhostInvitationsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly access: Access;
  readonly chatStarter: Pick<ChatStarter, "openAgain">;
  readonly spaces: Pick<Spaces, "puppets">;
  readonly notices: Pick<Notices, "tell">;
}

type Invitation = Extract<MatrixEvent, { kind: "member" }>;

/**
 * Answers people who invite a contact's ghost. The chat stays in the bridge's own room, which can be named, closed and
 * put in its Space, as somebody else's cannot: the ghost declines, says where the chat is, and the person is invited
 * there.
 */
export class GhostInvitations {
  readonly #parts: GhostInvitationsParts;

  constructor(parts: GhostInvitationsParts) {
    this.#parts = parts;
  }

  /**
   * Whether the event is a person's invitation of a ghost, which is then answered. `portals`: of the room's chats, whose
   * own contact comes back.
   */
  async answer(event: Invitation, portals: readonly Portal[] = []): Promise<boolean> {
    const { store, homeserver, notices, access } = this.#parts;
    const { user, sender, room, membership } = event;
    if (membership !== "invite" || user === homeserver.bot || !homeserver.isOurs(user)) return false;
    if (homeserver.isOurs(sender)) return false;
    const ghost = await store.ghosts.byUser(user);
    if (portals.some((portal) => portal.kind === "direct" && portal.person === ghost?.person)) {
      await homeserver.join(user, room);
      return true;
    }
    const said = await this.#words(sender, ghost);
    await homeserver.leave(user, room, said);
    // Many clients do not show why an invitation was declined.
    if (access.levelOf(sender) !== "none") await notices.tell(sender, said);
    return true;
  }

  async #words(person: UserId, ghost: Ghost | undefined): Promise<string> {
    const { store, networks, access } = this.#parts;
    if (access.levelOf(person) === "none") return NOT_ALLOWED;
    const network = ghost && networks.get(ghost.network);
    if (!network) return "I stand for nobody that this bridge can reach. Ask your administrator.";
    const logins = await store.logins.of(person, network.id);
    const active = logins.filter(({ state }) => state === "active");
    if (active.length === 0)
      return `I stand for somebody on ${network.name}, which is off for you. Write “enable ${network.id}” to ${this.#bot} first.`;
    const known = await store.portals.ofPerson(network.id, ghost.person);
    for (const login of active) {
      const portal = known.find((one) => one.login === login.id && one.kind === "direct");
      if (!portal) continue;
      const open = await this.#parts.chatStarter.openAgain(login, network, portal);
      const contact = await store.contacts.get(login.id, ghost.person);
      const state = contact?.reachability ?? "reachable";
      const unreachable = state === "reachable" ? "" : ` ${reachabilityWords(state, ghost.name, network)}`;
      return `${await this.#where(ghost, open.portal)}${unreachable}`;
    }
    // Whoever has only seen a contact's Matrix id, in another's chat, does not reach them by it.
    return `You have no chat with whom I stand for. Write “start-chat ${network.id} …” to ${this.#bot} with ${network.addressing} to open one.`;
  }

  get #bot(): UserId {
    return this.#parts.homeserver.bot;
  }

  async #where(
    { name }: Ghost,
    { room, member }: Awaited<ReturnType<ChatStarter["openAgain"]>>["portal"],
  ): Promise<string> {
    const { homeserver, spaces } = this.#parts;
    const isThere = member === "joined" || (await spaces.puppets());
    const how = isThere ? "write there" : "accept the invitation and write there";
    return `The chat with ${name} is in a room of its own, ${how}: ${roomLink(room, homeserver.serverName)}`;
  }
}
