import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Encryption } from "../crypto/encryption.ts";
import { refusalOf } from "../http/homeserver-error.ts";
import { type Requests, route } from "../http/requests.ts";
import type { Accounts } from "./accounts.ts";
import type { Framework } from "./framework.ts";
import { membershipOf, putOut } from "./rooms.ts";

interface MembershipsParts {
  readonly requests: Requests;
  readonly accounts: Accounts;
  readonly bot: UserId;
  readonly framework: () => Promise<Framework>;
  /** Absent where the bridge reads no encrypted rooms. */
  readonly encryption?: Pick<Encryption, "entered" | "rooms"> | undefined;
}

/** Who of ours is in which room, and whom they invite there. */
export class Memberships {
  readonly #parts: MembershipsParts;

  constructor(parts: MembershipsParts) {
    this.#parts = parts;
  }

  /** Already being there is success. Throws BridgeError. */
  async invite(
    as: UserId,
    user: UserId,
    room: RoomId,
    { direct }: { readonly direct: boolean },
  ): Promise<void> {
    const { requests, accounts, framework, encryption } = this.#parts;
    try {
      await accounts.actingAs(as, async () => {
        if (direct) await this.#inviteDirect(as, user, room);
        else await (await framework()).invite(as, user, room);
      });
    } catch (error) {
      if (refusalOf(error)?.status !== 403) throw error;
      const membership = await membershipOf(requests, as, user, room);
      if (membership !== "join" && membership !== "invite") throw error;
    }
    encryption?.rooms.peopleChanged(room);
  }

  async join(as: UserId, room: RoomId): Promise<void> {
    const { accounts, framework, encryption, bot } = this.#parts;
    await accounts.actingAs(as, async () => (await framework()).join(as, room));
    if (as === bot) await encryption?.entered(room);
  }

  async leave(as: UserId, room: RoomId, reason?: string): Promise<void> {
    const { accounts, framework } = this.#parts;
    try {
      await accounts.actingAs(as, async () => (await framework()).leave(as, room, reason));
    } catch (error) {
      const { status, code } = refusalOf(error) ?? {};
      // The user is not in the room, or the room is gone: nothing to leave.
      if ((status !== 403 && status !== 404) || code === "no-errcode") throw error;
    }
  }

  async putOut(room: RoomId, user: UserId, reason: string): Promise<void> {
    const { requests, accounts, encryption, bot } = this.#parts;
    await accounts.actingAs(bot, () => putOut(requests, bot, room, { user, reason }));
    encryption?.rooms.peopleChanged(room);
  }

  /** Invites one of our users and joins them. */
  async admit(user: UserId, room: RoomId): Promise<void> {
    const { bot } = this.#parts;
    if (user !== bot) await this.invite(bot, user, room, { direct: false });
    await this.join(user, room);
  }

  /** Invites by a member event, which can say `is_direct`; `/invite` cannot. */
  async #inviteDirect(as: UserId, user: UserId, room: RoomId): Promise<void> {
    const path = route`/_matrix/client/v3/rooms/${room}/state/m.room.member/${user}`;
    const body = { membership: "invite", is_direct: true };
    await this.#parts.requests.json({ method: "PUT", path, as, body });
  }
}
