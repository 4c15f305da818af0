import type { Archives } from "../../chats/archives.ts";
import type { ChatProfiles } from "../../chats/chat-profiles.ts";
import { powersOf, shownIn } from "../../chats/groups/group-powers.ts";
import { type OwnWrites, PICTURE, placeOf } from "../../chats/groups/own-writes.ts";
import { ownLevel, POWER_LEVELS } from "../../chats/groups/power-levels.ts";
import { wasSentAgain } from "../../delivery/failed-messages.ts";
import type { GroupChange, GroupPermissions } from "../../model/groups.ts";
import type { NetworkId, PersonId, RoomId, UserId } from "../../model/ids.ts";
import { cleanName, cleanTopic } from "../../model/names.ts";
import type { Homeserver } from "../../ports/homeserver.ts";
import type { Network, SendResult } from "../../ports/network.ts";
import type { GroupPortal, NetworkOutboxRow, PortalMember } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { OutboxRows } from "../../runtime/outbox-rows.ts";
import { neededFor, needsIn } from "./asked-permissions.ts";

type Record = (tx: Writes) => void;
type GroupWithRoom = GroupPortal & { readonly room: RoomId };
type MemberChange = Extract<GroupChange, { readonly person: PersonId }>;
type ChangeRow = Pick<NetworkOutboxRow, "id" | "key">;

interface GroupStateParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot" | "getState" | "members">;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly profiles: Pick<ChatProfiles, "of">;
  readonly archives: Pick<Archives, "close">;
  readonly outbox: OutboxRows;
  readonly ownWrites: Pick<OwnWrites, "isOwn" | "isOwnPower">;
}

const nothing: Record = () => {};
const NAME = "m.room.name";
const TOPIC = "m.room.topic";

/** Keeps a group's room and what is stored of the group in line with what became of our person's changes. */
export class GroupState {
  readonly #parts: GroupStateParts;

  constructor(parts: GroupStateParts) {
    this.#parts = parts;
  }

  /** The writes for a change that the network has made: its own copy of it finds nothing to do then. */
  async done({ id, key }: ChangeRow, change: GroupChange, sent: SendResult | undefined): Promise<Record> {
    const group = await this.#group(key);
    if (!group) return nothing;
    const sharing = await this.#sharing(group);
    const isLast = !(await this.isChangedLater({ id, key }, change));
    switch (change.kind) {
      case "name": {
        const name = cleanName(change.name, "");
        const show = isLast ? this.#showName({ ...group, name }) : nothing;
        return (tx) => {
          for (const portal of sharing) tx.portals.setGroup(portal, { name });
          show(tx);
        };
      }
      case "topic": {
        const topic = cleanTopic(change.topic);
        const show = isLast ? this.#showTopic({ ...group, topic }) : nothing;
        return (tx) => {
          for (const portal of sharing) tx.portals.setGroup(portal, { topic });
          show(tx);
        };
      }
      case "avatar": {
        const avatar = change.uri === "" ? "" : sent?.avatar;
        // Where the network does not say what it calls the picture, its event does.
        if (avatar === undefined) return nothing;
        return (tx) => {
          for (const portal of sharing) {
            tx.portals.setGroup(portal, { avatar });
            if (avatar !== "") tx.portals.setPicture(portal, avatar);
          }
        };
      }
      case "permission": {
        const { what, role } = change;
        const show = await this.showPowers(group);
        return (tx) => {
          for (const portal of sharing) {
            const permissions = { ...portal.permissions, [what]: role };
            tx.portals.setGroup(portal, { permissions });
            // So the room has it from our person, and what they take back of it is a change.
            const shown = shownIn(portal.powers);
            if (shown) tx.portals.setPowers(portal, powersOf({ ...shown, [what]: role }));
          }
          show(tx);
        };
      }
      // The network's own event tells it.
      case "timer":
        return nothing;
      case "leave": {
        const close = await this.#parts.archives.close(group, "You left this group. Its history stays here.");
        return (tx) => {
          tx.portalMembers.put({ ...key, person: undefined, role: "member", membership: "left" });
          close(tx);
        };
      }
      case "add":
      case "remove":
      case "role":
        return this.#moved(sharing, change, isLast);
    }
  }

  /** The writes that bring the room back to what the group is, after a change that is not made. */
  async putBack(key: ChangeRow["key"], change: GroupChange): Promise<Record> {
    const group = await this.#group(key);
    if (!group) return nothing;
    switch (change.kind) {
      case "name":
        return this.#showName(group);
      case "topic":
        return this.#showTopic(group);
      case "avatar":
        return (tx) => tx.portals.doubtPicture(group);
      case "permission":
        return this.showPowers(group);
      case "timer":
      case "leave":
        return nothing;
      case "add":
      case "remove":
      case "role":
        return this.showMember(group, change.person);
    }
  }

  /** The writes that have the room show a member as they are, whatever it shows. */
  async showMember({ login, chat }: GroupPortal, person: PersonId): Promise<Record> {
    const known = await this.#parts.store.portalMembers.get({ login, chat }, person);
    const absent = { login, chat, person, role: "member", membership: "left" } as const;
    return (tx) => tx.portalMembers.doubt(known ?? absent);
  }

  /** The writes that give everybody in the room the power that the group gives them. */
  async showPowers({ login, chat }: GroupPortal): Promise<Record> {
    const own = await this.#parts.store.portalMembers.get({ login, chat }, undefined);
    const member = { login, chat, person: undefined, role: "member", membership: "joined" } as const;
    return (tx) => tx.portalMembers.doubt(own ?? member);
  }

  /**
   * Whether a change is none any more, as the room shows something else by now: somebody changed it again, or an older
   * copy of our database was put back, to which an old event is new. What was sent again was put back before.
   */
  async isOvertaken(row: NetworkOutboxRow, change: GroupChange): Promise<boolean> {
    const { store, homeserver, ownWrites } = this.#parts;
    const group = await this.#group(row.key);
    if (!group || change.kind === "leave" || change.kind === "timer") return false;
    if (await wasSentAgain(store, row)) return false;
    const { room } = group;
    // What the bridge set without knowing of the change yet is nobody's, unless it was told what came after that.
    const isLast = async (): Promise<boolean> => !(await this.isChangedLater(row, change));
    const isOwn = async (what: string, value: unknown): Promise<boolean> =>
      ownWrites.isOwn(room, what, value) && isLast();
    switch (change.kind) {
      case "name": {
        const { name = "" } = (await homeserver.getState(room, NAME, "")) ?? {};
        const asked = [change.name, this.#shownName({ ...group, name: change.name })];
        return !equalsOne(name, [...asked, this.#shownName(group)], (it) => cleanName(it, ""));
      }
      case "topic": {
        const { topic = "" } = (await homeserver.getState(room, TOPIC, "")) ?? {};
        return !equalsOne(topic, [change.topic, group.topic], cleanTopic);
      }
      case "avatar": {
        const { url = "" } = (await homeserver.getState(room, "m.room.avatar", "")) ?? {};
        return url !== change.uri && !(await isOwn(PICTURE, url));
      }
      case "add":
      case "remove": {
        const user = await this.#userOf(group, change);
        const isIn = user !== undefined && (await homeserver.members(room)).includes(user);
        if (isIn === (change.kind === "add")) return false;
        return user === undefined || !(await isOwn(placeOf(user), isIn ? "in" : "out"));
      }
      case "role": {
        const user = await this.#userOf(group, change);
        const power = await this.#powerOf(group, user);
        if (power === POWER_LEVELS[change.role]) return false;
        if (change.user !== undefined && power === ownLevel(change.role)) return false;
        return user === undefined || !ownWrites.isOwnPower(room, user, power) || !(await isLast());
      }
      case "permission": {
        const needed = await this.#neededFor(group, change.what);
        if (needed.includes(POWER_LEVELS[change.role])) return false;
        const own = await Promise.all(needed.map((level) => isOwn(change.what, level)));
        return !own.every((is) => is);
      }
    }
  }

  /** Whether a later row of the chat changes the same, which the room shows by now. */
  async isChangedLater({ id, key }: ChangeRow, change: GroupChange): Promise<boolean> {
    const waiting = await this.#parts.store.networkOutbox.changes(key);
    return waiting.some((other) => other.id !== id && subjectOf(other.change) === subjectOf(change));
  }

  /** Whose place in the room a change is about. */
  async #userOf({ network }: GroupPortal, change: MemberChange): Promise<UserId | undefined> {
    const ours = change.kind === "remove" ? undefined : change.user;
    return ours ?? (await this.#parts.store.ghosts.byPerson(network, change.person))?.user;
  }

  async #powerOf({ room }: GroupWithRoom, user: UserId | undefined): Promise<unknown> {
    const levels = (await this.#parts.homeserver.getState(room, "m.room.power_levels", "")) ?? {};
    const users = (levels["users"] ?? {}) as Readonly<{ [user: string]: unknown }>;
    return (user && users[user]) ?? levels["users_default"] ?? 0;
  }

  /** The power levels that the room shows for what a permission is about. */
  async #neededFor({ room }: GroupWithRoom, what: keyof GroupPermissions): Promise<readonly number[]> {
    const levels = await this.#parts.homeserver.getState(room, "m.room.power_levels", "");
    return neededFor(what, needsIn(levels ?? {}));
  }

  /** A member as the change leaves them, at each of our logins; whether its own person is in, it hears itself. */
  async #moved(sharing: readonly GroupPortal[], change: MemberChange, isLast: boolean): Promise<Record> {
    const members: PortalMember[] = [];
    for (const { login, chat, self } of sharing) {
      const isSelf = self === change.person;
      if (isSelf && change.kind !== "role") continue;
      const who = isSelf ? undefined : change.person;
      const known = await this.#parts.store.portalMembers.get({ login, chat }, who);
      const { person } = change;
      const isIn = known?.membership === "joined";
      const doubts = known?.doubts;
      if (change.kind === "role") {
        if (isIn) members.push({ ...known, role: change.role });
      } else if (change.kind === "add") {
        members.push({
          login,
          chat,
          person,
          role: isIn ? known.role : "member",
          membership: "joined",
          doubts,
        });
      } else members.push({ login, chat, person, role: "member", membership: "left", doubts });
    }
    return (tx) => {
      for (const member of members) {
        tx.portalMembers.put(member);
        if (isLast) tx.portalMembers.doubt(member);
        else tx.portalMembers.shown(member);
      }
    };
  }

  #shownName(group: GroupPortal): string {
    const network = this.#parts.networks.get(group.network);
    return network ? this.#parts.profiles.of(group, undefined, network).shown : "";
  }

  #showName(group: GroupWithRoom): Record {
    const shown = this.#shownName(group);
    return shown === "" ? nothing : this.#setState(group, NAME, { name: shown });
  }

  #showTopic(group: GroupWithRoom): Record {
    return this.#setState(group, TOPIC, { topic: group.topic });
  }

  #setState({ room }: GroupWithRoom, type: string, content: { readonly [field: string]: unknown }): Record {
    const { outbox, homeserver } = this.#parts;
    const row = outbox.row(room, homeserver.bot, { type, content }, { stateKey: "" });
    return (tx) => tx.matrixOutbox.add(row);
  }

  async #group(key: ChangeRow["key"]): Promise<GroupWithRoom | undefined> {
    const portal = await this.#parts.store.portals.byChat(key);
    return portal?.kind === "group" && portal.room !== undefined
      ? { ...portal, room: portal.room }
      : undefined;
  }

  /** The group as all of our people have it who share its room. */
  async #sharing({ room }: GroupWithRoom): Promise<readonly GroupPortal[]> {
    return (await this.#parts.store.portals.ofRoom(room)).filter((portal) => portal.kind === "group");
  }
}

/** What a change is about. */
function subjectOf(change: GroupChange): string {
  if ("person" in change) return change.person;
  return change.kind === "permission" ? `${change.kind} ${change.what}` : change.kind;
}

const equalsOne = (value: unknown, all: readonly string[], clean: (text: string) => string): boolean =>
  typeof value === "string" && all.map(clean).includes(clean(value));
