import type { Capabilities } from "../../../core/model/capabilities.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Reachability } from "../../../core/model/events.ts";
import type { GroupInfo, NewGroup } from "../../../core/model/groups.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { OutgoingItem, SendResult } from "../../../core/ports/network.ts";
import type { Connection } from "../connection/connection.ts";
import { interopGroups } from "../group-records.ts";
import type { MediaHost } from "../media/media-host.ts";
import type { LoginContext } from "../session/login-context.ts";
import type { OutgoingJob } from "../session/outgoing-messages.ts";
import type { IncomingJob } from "../session/receive-batch.ts";
import { wholeNumber } from "../wire/attributes.ts";
import { child, type Node, node } from "../wire/node.ts";
import { GroupChanges } from "./group-changes.ts";
import { MOST_MEMBERS } from "./group-description.ts";
import { type Group, GroupDirectory } from "./group-directory.ts";
import { GroupKeys } from "./group-keys.ts";
import { createdGroup, readGroupNotice } from "./group-notices.ts";
import { closedWords } from "./group-refusals.ts";
import { GroupSender } from "./group-sender.ts";
import { receiveGroupMessages } from "./incoming-group-messages.ts";
import { isLong } from "./whole-groups.ts";

/** A `<notification type="w:gp2">`, handled in its group's lane, in order with the messages. */
export interface GroupNoticeJob {
  readonly kind: "notice";
  readonly stanza: Node;
  readonly connection: Connection;
}

interface GroupsParts {
  readonly context: LoginContext;
  readonly host: MediaHost;
}

/** The groups of one login. */
export class Groups {
  readonly keys: GroupKeys;
  readonly #parts: GroupsParts;
  readonly #directory: GroupDirectory;
  readonly #sender: GroupSender;
  readonly #changes: GroupChanges;
  /** Whether the network lets us take part in groups; it does until it says otherwise. */
  #granted = true;
  /** How many members a group may have, where the network says. */
  #size: number | undefined;

  constructor(parts: GroupsParts) {
    const { context } = parts;
    this.#parts = parts;
    this.#directory = new GroupDirectory(context);
    this.keys = new GroupKeys(context, this.#directory);
    const [directory, size] = [this.#directory, () => this.#size];
    this.#changes = new GroupChanges({ context, directory, host: parts.host, size });
    this.#sender = new GroupSender({
      context,
      directory: this.#directory,
      keys: this.keys,
    });
  }

  /** Takes the flags of `<features>`, and its limit of a group. */
  grant(features: Node): void {
    this.#granted = features.attrs["groups"] === "true";
    const size = wholeNumber(child(features, "limits")?.attrs["group_size"], MOST_MEMBERS);
    this.#size = size !== undefined && size > 1 ? size : undefined;
  }

  /** What a group can be used for, by what a direct chat can. */
  capabilities(direct: Capabilities): Capabilities {
    if (!this.#granted) return { ...direct, closed: closedWords(this.#parts.context.profile.name) };
    return direct.deletes ? { ...direct, deletesOthers: true } : direct;
  }

  /** Throws BridgeError. */
  info(chat: ChatId, connection: () => Promise<Connection>): Promise<GroupInfo> {
    return this.#directory.info(chat, connection);
  }

  /** Throws BridgeError. */
  create(group: NewGroup, connection: Connection): Promise<ChatId> {
    return this.#changes.create(group, connection);
  }

  /** Carries out a `group-change`. Throws BridgeError. */
  async change(item: OutgoingItem, connection: Connection): Promise<SendResult | undefined> {
    if (item.outgoing.kind !== "group-change") throw new Error("not a change of a group");
    return this.#changes.carryOut(item, item.outgoing.change, connection);
  }

  receive(chat: ChatId, jobs: readonly IncomingJob[]): Promise<void> {
    return receiveGroupMessages(this.#parts.context, this.#directory, chat, jobs);
  }

  send(chat: ChatId, jobs: readonly OutgoingJob[]): Promise<void> {
    return this.#sender.send(chat, jobs);
  }

  /** Says in the groups that our person writes in who does not get it any more. A block is between two people only. */
  async reachability(person: PersonId, state: Reachability): Promise<void> {
    const { store, login, sink } = this.#parts.context;
    if (state === "reachable" || state === "blocked") return;
    for (const chat of await store.family(interopGroups).writtenWith(login, person))
      await sink.unreached(chat, [{ person, why: state }]);
  }

  /** Stores what a notification says, then acknowledges it. If that fails, the connection is closed: it comes again. */
  async notice(chat: ChatId, { stanza, connection }: GroupNoticeJob): Promise<void> {
    const { context } = this.#parts;
    const { log, login } = context;
    try {
      const description = createdGroup(chat, stanza);
      const isStored = description !== undefined && isLong(description);
      if (isStored) await this.#directory.take(chat, description);
      const before = await this.#noticed(chat, description !== undefined, connection);
      const created = description && { description, isStored };
      const notice = readGroupNotice(context, chat, stanza, before, created);
      if (notice.unknown.length > 0) log.info("a group notification of an unknown kind", { login });
      await context.sink.accept(notice.events, (tx) => notice.record(tx));
    } catch (error) {
      log.warn("a group's notification could not be stored", { login, ...faultOf(error) });
      return connection.close(error);
    }
    const { id, from, type, participant } = stanza.attrs;
    if (id !== undefined)
      connection.send(node("ack", { class: "notification", id, to: from, participant, type }));
  }

  /** The group that a notification is about; undefined where our person is not in it. */
  async #noticed(chat: ChatId, isNew: boolean, connection: Connection): Promise<Group | undefined> {
    const stored = await this.#directory.stored(chat);
    if (stored || isNew) return stored;
    try {
      return await this.#directory.refresh(chat, connection);
    } catch (error) {
      if (!(error instanceof BridgeError && error.certain && error.retryAfter === undefined)) throw error;
      const { log, login } = this.#parts.context;
      log.warn("a notification came of a group that our person is not in", { login, ...faultOf(error) });
      return undefined;
    }
  }
}
