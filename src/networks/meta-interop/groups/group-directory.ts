import { BridgeError } from "../../../core/model/errors.ts";
import type { GroupInfo } from "../../../core/model/groups.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import { SerialByKey } from "../../../core/runtime/serial-by-key.ts";
import type { Connection } from "../connection/connection.ts";
import { StanzaError, UnreadableAnswer } from "../connection/stanza-requests.ts";
import { allMembers } from "../group-members.ts";
import { interopGroups, type StoredGroup, type StoredMember } from "../group-records.ts";
import { unreadableScope } from "../record-scopes.ts";
import type { LoginContext } from "../session/login-context.ts";
import { type GroupDescription, readGroup } from "../wire/groups.ts";
import { child, node } from "../wire/node.ts";
import { groupRefused, notInGroup, unreadable } from "./group-refusals.ts";
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
  /** Until when a group is not asked for again, as the answer could not be read. */
  readonly #unreadable = new Map<ChatId, number>();

  constructor(context: LoginContext) {
    this.#context = context;
  }

  /** Undefined where it was never described, or our person is not in it. */
  async stored(chat: ChatId): Promise<Group | undefined> {
    const { store, login, own } = this.#context;
    const reads = store.family(interopGroups);
    const about = await reads.group(login, chat);
    if (!about) return undefined;
    const all = await allMembers(this.#context, chat);
    const members = all.filter(({ leftAt }) => leftAt === undefined);
    if (!members.some(({ person }) => (person as string) === own)) return undefined;
    return { chat, about, members, former: all.filter(({ leftAt }) => leftAt !== undefined) };
  }

  /** Stores a description, of whatever length, behind those that came before. */
  take(chat: ChatId, description: GroupDescription): Promise<void> {
    return this.#storing.run(chat, () => storeWhole(this.#context, chat, description));
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
    await this.take(chat, description);
    const group = await this.stored(chat);
    if (!group) throw notInGroup(profile.name);
    return group;
  }

  /** As {@link refresh}, but the group as it is where it was asked for within the last minute, or cannot be read. */
  async refreshOften(group: Group, connection: Connection): Promise<Group> {
    const since = this.#context.clock.now() - group.about.at;
    if (since >= 0 && since < OFTEN) return group;
    return this.refresh(group.chat, connection).catch((error: unknown) => {
      // What grew beyond what can be read is kept as it was.
      if (error instanceof BridgeError && error.reason === "too-large") return group;
      throw error;
    });
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

  async #ask(chat: ChatId, connection: Connection): Promise<GroupDescription> {
    const { profile, clock } = this.#context;
    if ((this.#unreadable.get(chat) ?? 0) > clock.now()) throw unreadable(profile.name);
    this.#unreadable.delete(chat);
    try {
      const answer = await connection.requests.ask({ xmlns: "w:g2", type: "get", to: chat }, [node("query")]);
      const group = child(answer, "group");
      const description = group && readGroup(group);
      if (description && (description.id as ChatId) === chat) return description;
    } catch (error) {
      if (error instanceof StanzaError) throw groupRefused(error.code, profile.name);
      if (!(error instanceof UnreadableAnswer)) throw error;
      this.#unreadable.set(chat, clock.now() + OFTEN);
      await this.#tellUnreadable(chat);
      throw unreadable(profile.name);
    }
    throw groupRefused(404, profile.name);
  }

  /** Once for each group, in words. */
  async #tellUnreadable(chat: ChatId): Promise<void> {
    const { store, login, sink, profile } = this.#context;
    const scope = unreadableScope(login);
    if ((await store.records.get(scope, chat)) !== undefined) return;
    const { words } = unreadable(profile.name);
    await sink.tell(words, (tx) => tx.records.set(scope, chat, "told"));
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
