import type { GroupInfo } from "../../../core/model/groups.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import { SerialByKey } from "../../../core/runtime/serial-by-key.ts";
import type { Connection } from "../connection/connection.ts";
import { StanzaError } from "../connection/stanza-requests.ts";
import { interopGroups, type StoredGroup, type StoredMember } from "../group-records.ts";
import type { LoginContext } from "../session/login-context.ts";
import { readGroup } from "../wire/groups.ts";
import { child, node } from "../wire/node.ts";
import { groupRefused, notInGroup } from "./group-refusals.ts";
import { storeWhole } from "./whole-groups.ts";

/** Milliseconds after which a group is asked for again, though notifications told each change. */
const FRESH = 24 * 60 * 60_000;

/** Milliseconds in which a group is asked for once, however many ask. */
const OFTEN = 60_000;

/** A group as it is known here. */
export interface Group {
  readonly chat: ChatId;
  readonly about: StoredGroup;
  /** Who is in it, our person included. */
  readonly members: readonly StoredMember[];
  /** Who was in it. */
  readonly former: readonly StoredMember[];
}

/** A login's groups: asked for once, then kept by what notifications tell of them. */
export class GroupDirectory {
  readonly #context: LoginContext;
  /** A later description is stored behind an earlier one, which may take some turns of the event loop. */
  readonly #storing = new SerialByKey();

  constructor(context: LoginContext) {
    this.#context = context;
  }

  /** Undefined where it was never described, or our person is not in it. */
  async stored(chat: ChatId): Promise<Group | undefined> {
    const { store, login, own } = this.#context;
    const reads = store.family(interopGroups);
    const about = await reads.group(login, chat);
    if (!about) return undefined;
    const all = await reads.members(login, chat);
    const members = all.filter(({ leftAt }) => leftAt === undefined);
    if (!members.some(({ person }) => (person as string) === own)) return undefined;
    return { chat, about, members, former: all.filter(({ leftAt }) => leftAt !== undefined) };
  }

  /** The group; the gatekeeper is asked where it is not known. Throws BridgeError. */
  async known(chat: ChatId, connection: () => Promise<Connection> | Connection): Promise<Group> {
    const stored = await this.stored(chat);
    return stored ?? this.refresh(chat, await connection());
  }

  /** Asks the gatekeeper, and stores what it says. Throws BridgeError. */
  async refresh(chat: ChatId, connection: Connection): Promise<Group> {
    const { profile } = this.#context;
    const description = await this.#ask(chat, connection);
    await this.#storing.run(chat, () => storeWhole(this.#context, chat, description));
    const group = await this.stored(chat);
    if (!group) throw notInGroup(profile.name);
    return group;
  }

  /** As {@link refresh}, but the group as it is given where it was asked for within the last minute. */
  async refreshOften(group: Group, connection: Connection): Promise<Group> {
    const since = this.#context.clock.now() - group.about.at;
    return since >= 0 && since < OFTEN ? group : this.refresh(group.chat, connection);
  }

  /** What the group is, for the room. Throws BridgeError. */
  async info(chat: ChatId, connection: () => Promise<Connection>): Promise<GroupInfo> {
    const { clock, own } = this.#context;
    let group = await this.known(chat, connection);
    if (Math.abs(clock.now() - group.about.at) > FRESH)
      group = await this.refresh(chat, await connection()).catch(() => group);
    const { subject, description, avatar, announcement, locked } = group.about;
    const members = group.members.map(({ person, role, name }) => ({
      person: (person as string) === own ? undefined : person,
      role,
      ...(name !== undefined && { name }),
    }));
    return {
      kind: "group",
      name: subject,
      topic: description,
      avatar,
      members,
      self: own as PersonId,
      permissions: permissionsOf({ announcement, locked }),
    };
  }

  async #ask(chat: ChatId, connection: Connection) {
    const { profile } = this.#context;
    try {
      const answer = await connection.requests.ask({ xmlns: "w:g2", type: "get", to: chat }, [node("query")]);
      const group = child(answer, "group");
      const description = group && readGroup(group);
      if (description && (description.id as ChatId) === chat) return description;
    } catch (error) {
      if (error instanceof StanzaError) throw groupRefused(error.code, profile.name);
      throw error;
    }
    throw groupRefused(404, profile.name);
  }
}

export function permissionsOf({
  announcement,
  locked,
}: {
  readonly announcement: boolean;
  readonly locked: boolean;
}) {
  return { writes: announcement ? "admin" : "member", changes: locked ? "admin" : "member" } as const;
}
