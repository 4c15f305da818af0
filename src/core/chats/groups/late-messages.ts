import { BridgeError } from "../../model/errors.ts";
import type { PortalKey } from "../../model/events.ts";
import type { EventId, PersonId } from "../../model/ids.ts";
import type { Homeserver } from "../../ports/homeserver.ts";
import type { GroupPortal, MatrixOutboxRow, PortalMember } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";
import type { SerialByKey } from "../../runtime/serial-by-key.ts";
import type { PortalWithRoom } from "../successions.ts";
import { setGroupPowers } from "./group-powers.ts";
import type { OwnWrites } from "./own-writes.ts";

interface LateMessagesParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot" | "isOurs" | "setPowers">;
  readonly ownWrites: Pick<OwnWrites, "sets" | "setsPowers">;
  /** Held by chat while a group's room is brought in line with the group. */
  readonly showing: SerialByKey;
}

type Sent = Pick<MatrixOutboxRow, "room" | "sender" | "link">;

/**
 * Lets people of a group say in its room what they had said on the network before they lost the right to, or left: what
 * is shown of that comes by another lane, and may be there first.
 */
export class LateMessages {
  readonly #parts: LateMessagesParts;

  constructor(parts: LateMessagesParts) {
    this.#parts = parts;
  }

  /** Runs `send`, and where the homeserver refuses a ghost of a group, once more with the power to write. */
  async send(row: Sent, send: () => Promise<EventId>): Promise<EventId> {
    try {
      return await send();
    } catch (error) {
      const group = BridgeError.from(error).reason === "forbidden" ? await this.#groupOf(row) : undefined;
      if (!group) throw error;
      return this.#parts.showing.run(group.chat, () => this.#withPower(group, row, send));
    }
  }

  /** Has a ghost that is out of the group leave its room again; to be called when a row of theirs was sent. */
  async leave(row: Sent): Promise<void> {
    const { store } = this.#parts;
    const { link } = row;
    const group = link ?? (await this.#groupOf(row));
    const person = link ? link.sender : (await store.ghosts.byUser(row.sender))?.person;
    if (group && person !== undefined) await this.leaveIfOut(group, person);
  }

  /** As {@link leave}, to be called when somebody was brought into the room of a group that they may be out of. */
  async leaveIfOut(group: PortalKey, person: PersonId): Promise<void> {
    const { store, showing } = this.#parts;
    const member = await store.portalMembers.get(group, person);
    if (!member || member.membership === "joined") return;
    // The group's lane may have taken them out before, and be about to store that.
    await showing.run(member.chat, () => store.write((tx) => tx.portalMembers.doubt(member)));
  }

  async #withPower(
    group: GroupPortal & PortalWithRoom,
    { sender }: Sent,
    send: () => Promise<EventId>,
  ): Promise<EventId> {
    const { store } = this.#parts;
    const own: PortalMember = (await store.portalMembers.get(group, undefined)) ?? {
      login: group.login,
      chat: group.chat,
      person: undefined,
      role: "member",
      membership: "joined",
    };
    // The room's powers are set anew behind this, also after a crash.
    await store.write((tx) => tx.portalMembers.doubt(own));
    await setGroupPowers(this.#parts, group, sender);
    return send();
  }

  async #groupOf({ room, sender }: Sent): Promise<(GroupPortal & PortalWithRoom) | undefined> {
    const { store, homeserver } = this.#parts;
    if (sender === homeserver.bot || !homeserver.isOurs(sender)) return undefined;
    // An open portal comes first, where there is one.
    const [portal] = await store.portals.ofRoom(room);
    return portal?.kind === "group" ? { ...portal, room } : undefined;
  }
}
