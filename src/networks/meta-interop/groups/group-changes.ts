import { randomBytes } from "node:crypto";
import { BridgeError } from "../../../core/model/errors.ts";
import type { GroupChange, NewGroup } from "../../../core/model/groups.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import type { OutgoingItem, SendResult } from "../../../core/ports/network.ts";
import type { Connection } from "../connection/connection.ts";
import { StanzaError } from "../connection/stanza-requests.ts";
import { hostedFiles } from "../hosted-files.ts";
import { memberOf } from "../ids.ts";
import type { MediaHost } from "../media/media-host.ts";
import type { LoginContext } from "../session/login-context.ts";
import { errorCode } from "../wire/attributes.ts";
import { type GroupChangeNode, groupChangeNode } from "../wire/group-changes.ts";
import { createGroupNode, leaveGroupsNode, refusedParticipants } from "../wire/group-requests.ts";
import { readGroup } from "../wire/groups.ts";
import { child, type Node, node } from "../wire/node.ts";
import { describedIn, describedWrites } from "./group-description.ts";
import type { Group, GroupDirectory } from "./group-directory.ts";
import { calledBy } from "./group-keys.ts";
import { applyChange } from "./group-notices.ts";
import { groupRefused, memberRefused, tooMany } from "./group-refusals.ts";

const GATEKEEPER = "g.us";

interface GroupChangesParts {
  readonly context: LoginContext;
  readonly directory: GroupDirectory;
  readonly host: MediaHost;
  /** How many members a group may have, where the network says. */
  readonly size: () => number | undefined;
}

/** Carries out what our person changes about groups. */
export class GroupChanges {
  readonly #context: LoginContext;
  readonly #directory: GroupDirectory;
  readonly #host: MediaHost;
  readonly #size: () => number | undefined;

  constructor({ context, directory, host, size }: GroupChangesParts) {
    this.#context = context;
    this.#directory = directory;
    this.#host = host;
    this.#size = size;
  }

  /** Where it is so already, that is success. Throws BridgeError, with words where the network refused. */
  async carryOut(
    { chat, open }: Pick<OutgoingItem, "chat" | "open">,
    change: GroupChange,
    connection: Connection,
  ): Promise<SendResult | undefined> {
    if (change.kind === "leave") return this.#leave(chat, connection);
    const group = await this.#directory.known(chat, () => connection);
    if (change.kind === "avatar" && change.uri !== "")
      return this.#picture(group, change.uri, open, connection);
    return this.#set(group, this.#nodeOf(change), connection, change);
  }

  async create({ key, name, people }: NewGroup, connection: Connection): Promise<ChatId> {
    const { store, profile, sink, login } = this.#context;
    const size = this.#size();
    if (size !== undefined && people.length >= size) throw tooMany(people.length + 1, size, profile.name);
    const answer = await this.#ask(
      GATEKEEPER,
      createGroupNode({ subject: name, key, jids: people }),
      connection,
    );
    const made = child(answer, "group");
    const description = made && readGroup(made);
    if (!description) throw groupRefused(500, profile.name);
    const chat = description.id as ChatId;
    await store.write(describedWrites(this.#context, chat, describedIn(this.#context, description, []), []));
    const members = new Set(description.members.map(({ jid }) => memberOf(jid, profile.server)));
    const without = people.filter((person) => !members.has(person));
    if (without.length > 0) {
      const names = await Promise.all(without.map((person) => this.#nameOf(person)));
      const words = `The group “${name}” was made without ${names.join(", ")}, who cannot be added to it.`;
      await sink
        .tell(words, () => undefined)
        .catch((error: unknown) => {
          this.#context.log.warn("that a group lacks somebody could not be told", {
            login,
            error: String(error),
          });
        });
    }
    return chat;
  }

  #nodeOf(change: Exclude<GroupChange, { kind: "leave" }>): GroupChangeNode {
    const { profile } = this.#context;
    switch (change.kind) {
      case "name":
        return { kind: "subject", subject: change.name };
      case "topic":
        return { kind: "description", description: change.topic };
      case "avatar":
        return { kind: "picture", picture: node("picture") };
      case "add":
      case "remove":
        return members(change.kind, change.person);
      case "role":
        if (change.role === "owner") {
          const words = `${profile.name} has one owner of a group, who made it. ${change.name} can be an admin.`;
          throw new BridgeError("unsupported", { words, certain: true });
        }
        return members(change.role === "admin" ? "promote" : "demote", change.person);
      case "permission": {
        if (change.role === "owner") {
          const words = `${profile.name} lets all members of a group do that, or its admins.`;
          throw new BridgeError("unsupported", { words, certain: true });
        }
        const on = change.role === "admin";
        return { kind: change.what === "writes" ? "announcement" : "locked", on };
      }
      case "timer": {
        const words = `The timer of disappearing messages cannot be set from here on ${profile.name}.`;
        throw new BridgeError("unsupported", { words, certain: true });
      }
    }
  }

  async #set(
    group: Group,
    change: GroupChangeNode,
    connection: Connection,
    asked: GroupChange,
  ): Promise<SendResult> {
    const { profile } = this.#context;
    let refusal: BridgeError | undefined;
    try {
      const answer = await this.#ask(group.chat, groupChangeNode(change), connection);
      if (change.kind === "members" && "person" in asked) {
        const code = refusedParticipants(answer, change.action).get(asked.person);
        if (code !== undefined)
          refusal = memberRefused(errorCode(code), asked.name, profile.name, this.#size());
      }
    } catch (error) {
      if (!(error instanceof BridgeError) || !error.certain || error.retryAfter !== undefined) throw error;
      refusal = error;
    }
    // A repeat after a crash, or somebody else was faster: it is as it was to be.
    if (refusal && !isSo(await this.#directory.refresh(group.chat, connection), asked)) throw refusal;
    const applied = applyChange(this.#context, group.chat, group, change, this.#context.clock.now());
    return { record: (tx) => applied.record(tx) };
  }

  async #picture(
    group: Group,
    uri: string,
    open: OutgoingItem["open"],
    connection: Connection,
  ): Promise<SendResult> {
    const { login, clock } = this.#context;
    await using file = await open({ uri });
    const id = randomBytes(32).toString("base64url");
    using _ = this.#host.hold(id);
    const mediaKey = new Uint8Array(randomBytes(32));
    const digests = await this.#host.put(id, file, { mediaKey, use: "image" });
    await this.#context.store.write((tx) =>
      tx.family(hostedFiles).add({ id, login, size: digests.encryptedLength, at: clock.now() }),
    );
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
    const picture = node("picture", {
      url: this.#host.urlOf(id),
      key: base64(mediaKey),
      sha256: base64(digests.fileSha256),
      enc_sha256: base64(digests.fileEncSha256),
      length: String(digests.fileLength),
    });
    return this.#set(group, { kind: "picture", picture }, connection, { kind: "avatar", uri });
  }

  async #leave(chat: ChatId, connection: Connection): Promise<SendResult | undefined> {
    const { own } = this.#context;
    try {
      await this.#ask(GATEKEEPER, leaveGroupsNode([chat]), connection);
    } catch (error) {
      // Who is in no such group has left it.
      if (!(error instanceof BridgeError && error.reason === "gone")) throw error;
    }
    const group = await this.#directory.stored(chat);
    if (!group) return undefined;
    const change = members("remove", own as PersonId);
    const applied = applyChange(this.#context, chat, group, change, this.#context.clock.now());
    return { record: (tx) => applied.record(tx) };
  }

  async #ask(to: string, content: Node, connection: Connection): Promise<Node> {
    try {
      return await connection.requests.ask({ xmlns: "w:g2", type: "set", to }, [content]);
    } catch (error) {
      if (error instanceof StanzaError)
        throw groupRefused(error.code, this.#context.profile.name, this.#size());
      throw error;
    }
  }

  async #nameOf(person: PersonId): Promise<string> {
    const { store, profile } = this.#context;
    const ghost = await store.ghosts.byPerson(profile.id, person);
    return calledBy({ person, name: ghost?.name });
  }
}

const members = (
  action: Extract<GroupChangeNode, { kind: "members" }>["action"],
  jid: PersonId,
): Extract<GroupChangeNode, { kind: "members" }> => ({
  kind: "members",
  action,
  members: [{ jid, part: "member", name: undefined }],
});

/** Whether a group is as a change is to make it. */
function isSo({ about, members: all }: Group, change: GroupChange): boolean {
  switch (change.kind) {
    case "name":
      return about.subject === change.name;
    case "topic":
      return about.description === change.topic;
    case "avatar":
      return change.uri === "" && about.avatar === "";
    case "add":
      return all.some(({ person }) => person === change.person);
    case "remove":
      return !all.some(({ person }) => person === change.person);
    case "role":
      return all.some(({ person, role }) => person === change.person && role === change.role);
    case "permission":
      return (change.what === "writes" ? about.announcement : about.locked) === (change.role === "admin");
    case "timer":
    case "leave":
      return false;
  }
}
