import type { OwnSenders } from "../../chats/own-senders.ts";
import { BridgeError } from "../../model/errors.ts";
import type { EventId } from "../../model/ids.ts";
import type { Puppets } from "../../ports/double-puppets.ts";
import { AS_PERSON_KEY, asPerson, type EventToSend, type Homeserver } from "../../ports/homeserver.ts";
import type { Log } from "../../ports/log.ts";
import type { Network } from "../../ports/network.ts";
import type { MatrixOutboxRow } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";

interface OwnEventsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "isOurs" | "findSent" | "send" | "members" | "encrypts">;
  readonly puppets: Pick<Puppets, "send" | "join">;
  readonly ownSenders: Pick<OwnSenders, "ghost">;
  readonly networks: ReadonlyMap<string, Network>;
  readonly log: Log;
}

/** Tries as the person, while the homeserver fails on nothing else, after which their ghost sends. */
const MAX_TRIES = 3;

/** Sends what our people did on other devices as them, or by their ghosts where that does not work. */
export class OwnEvents {
  readonly #parts: OwnEventsParts;

  constructor(parts: OwnEventsParts) {
    this.#parts = parts;
  }

  /** Whether a row is to be sent as one of our people. */
  isOwn({ sender }: Pick<MatrixOutboxRow, "sender">): boolean {
    return !this.#parts.homeserver.isOurs(sender);
  }

  /**
   * Sends a row as its person. The homeserver forgets transaction ids without a device of ours, so the event is looked
   * for before each try.
   */
  async send(row: MatrixOutboxRow, content: EventToSend["content"]): Promise<EventId> {
    const event = { ...row, content: { ...content, [AS_PERSON_KEY]: asPerson(row.sender, row.room) } };
    const earlier = await this.#findSent(event);
    if (earlier !== undefined) return earlier;
    // An event of theirs that is encrypted must come from a device that they have signed, and the bridge has none.
    const isEncrypted = await this.#parts.homeserver.encrypts(row);
    if (isEncrypted || row.attempts >= MAX_TRIES) return this.#byGhost(row, content);
    try {
      return await this.#asPerson(event);
    } catch (error) {
      const { outage, reason } = BridgeError.from(error);
      if (reason === "forbidden") return this.#byGhost(row, content);
      if (!outage) throw error;
      // If the homeserver is away, this fails too, and the row waits.
      const made = await this.#findSent(event);
      if (made !== undefined) return made;
      const words = "The homeserver fails on what you wrote on another device.";
      throw new BridgeError("homeserver-fault", { words, certain: false, retryAfter: 0, cause: error });
    }
  }

  #findSent({ room, sender, id, createdAt }: EventToSend): Promise<EventId | undefined> {
    return this.#parts.homeserver.findSent(room, sender, id, createdAt);
  }

  async #asPerson(event: EventToSend): Promise<EventId> {
    const { homeserver, puppets } = this.#parts;
    const { room, sender } = event;
    try {
      return await puppets.send(event);
    } catch (error) {
      const invited = BridgeError.from(error).reason === "forbidden";
      if (!invited || !(await homeserver.members(room)).includes(sender)) throw error;
      await puppets.join(sender, room);
      return puppets.send(event);
    }
  }

  /** Sends the row as the person's ghost; the row keeps that sender for a repeat. */
  async #byGhost(row: MatrixOutboxRow, content: EventToSend["content"]): Promise<EventId> {
    const { store, homeserver, ownSenders, networks, log } = this.#parts;
    const { id, room, sender: user } = row;
    const [portal] = await store.portals.ofRoom(room);
    const network = portal && networks.get(portal.network);
    if (!network) throw new BridgeError("gone", { words: "Its network is not set up here.", certain: true });
    const sender = await ownSenders.ghost(user, network, room);
    await store.write((tx) => tx.matrixOutbox.handOver(id, { sender, content: withoutEdit(row.content) }));
    // The homeserver may have told meanwhile what an earlier try has made.
    const made = (await store.matrixOutbox.madeBy(id))?.event;
    if (made !== undefined) return made;
    log.info("a person's ghost says what they could not be acted for", { row: id, room });
    return homeserver.send({ ...row, sender, content: withoutEdit(content) });
  }
}

/** Clients ignore an edit by another sender, so the new content is sent as a message. */
function withoutEdit(content: EventToSend["content"]): EventToSend["content"] {
  const { "m.new_content": fresh, "m.relates_to": _, ...rest } = content;
  return typeof fresh === "object" && fresh !== null ? { ...rest, ...fresh } : content;
}
