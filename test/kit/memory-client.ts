import type { Capabilities } from "../../src/core/model/capabilities.ts";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { Outgoing, RemoteEvent, UnplacedDeletion } from "../../src/core/model/events.ts";
import type { NewGroup } from "../../src/core/model/groups.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import type { MediaFile } from "../../src/core/model/media.ts";
import type {
  ChatInfo,
  ConnectionState,
  Found,
  Journal,
  NetworkClient,
  OutgoingItem,
  RemoteSink,
  Reported,
  SafetyNumber,
  SendResult,
} from "../../src/core/ports/network.ts";
import type { Login } from "../../src/core/ports/rows.ts";
import { ALL } from "./everything-granted.ts";
import { memoryFile } from "./memory-file.ts";
import type { MemoryNetwork } from "./memory-network.ts";
import { pictureOf } from "./obeyed-change.ts";
import { messageText } from "./part-text.ts";

type Sayable = Exclude<Outgoing, { kind: "group-change" }>;
type Brought = RemoteEvent | UnplacedDeletion;

/** A login's connection to a network in memory. */
export class MemoryClient implements NetworkClient {
  readonly network: MemoryNetwork;
  readonly account: string;
  readonly sink: RemoteSink;
  state: ConnectionState = { kind: "connected" };
  granted: Capabilities = ALL;
  /** Everything the network accepted, in order, once for each id. */
  readonly taken: OutgoingItem["outgoing"][];
  readonly signs: string[] = [];
  safetyDigits = "1234567890".repeat(6);
  readonly blocked = new Set<PersonId>();
  readonly reports: (readonly Reported[])[] = [];
  /** What the contact's phone shows: the text by message id, once each, in order of arrival. */
  readonly received: Map<MessageId, string>;
  /** Whose picture was asked for. */
  readonly asked: PersonId[] = [];
  readonly delivered: MessageId[] = [];
  /** Errors of the next sends, thrown before or after the network accepts the message. */
  readonly faults: { readonly when: "before" | "after"; readonly error: BridgeError }[] = [];

  /** Events that the bridge has not acknowledged. */
  readonly #unacknowledged: Set<Brought>;
  /** The network's id of each message, by the id it was sent with. */
  readonly #ids: Map<MessageId, MessageId>;
  /** Whether an event could not be stored, which ends the connection; the next one brings it again. */
  #broken = false;
  isEnded = false;

  constructor(network: MemoryNetwork, login: Login, sink: RemoteSink, before: MemoryClient | undefined) {
    this.account = network.accountOf(login);
    this.network = network;
    this.sink = sink;
    this.received = before?.received ?? new Map();
    this.taken = before?.taken ?? [];
    this.#ids = before ? before.#ids : new Map();
    this.#unacknowledged = before ? before.#unacknowledged : new Set();
  }
  /** Connects in a later turn, as over a real connection. */
  begin(): void {
    queueMicrotask(() => this.sink.state(this.state));
    this.redeliver();
  }
  redeliver(): void {
    if (this.isEnded) return;
    this.#broken = false;
    const waiting = Array.from(this.#unacknowledged);
    if (waiting.length > 0) this.brings(...waiting).catch(() => undefined);
  }
  async connected(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.state.kind !== "connected") await new Promise((_, no) => signal.addEventListener("abort", no));
  }
  async send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined> {
    const { chat, id, outgoing } = item;
    if (this.isEnded || this.state.kind !== "connected") throw away();
    if (this.network.contactOf(chat)?.reachability === "off") {
      throw new BridgeError("not-reachable", { words: "They have turned it off.", certain: true });
    }
    const group = this.network.groupsById.get(chat);
    if (group && !group.ours.has(this.account) && !group.invited.has(this.account)) throw notIn();
    const fault = this.faults.shift();
    if (fault?.when === "before") throw fault.error;
    if (!journal.sealed) await journal.seal(new TextEncoder().encode(id), () => {});
    if (outgoing.kind === "group-change") return this.#change(chat, outgoing, item, fault?.error);
    const named = this.#take(chat, id, outgoing);
    if (this.network.copies) this.#copy(chat, id, named, outgoing).catch(() => undefined);
    if (fault) throw fault.error;
    const seconds = this.network.timers.get(chat);
    const expires = seconds === undefined ? undefined : { expires: seconds };
    return this.network.messageId ? expires : { ...expires, id: named };
  }
  /** As often as it is asked: a group that is so already does nothing. */
  async #change(
    chat: ChatId,
    outgoing: Extract<Outgoing, { kind: "group-change" }>,
    files: Pick<OutgoingItem, "open">,
    fault: BridgeError | undefined,
  ): Promise<SendResult | undefined> {
    const { change } = outgoing;
    if (change.kind === "timer") {
      const id = `timer-${this.taken.push(outgoing)}` as MessageId;
      this.network.timers.set(chat, change.seconds);
      await this.brings({ kind: "timer", chat, id, sender: undefined, at: 0, seconds: change.seconds });
      return undefined;
    }
    const group = this.network.groupsById.get(chat);
    if (!group) throw new BridgeError("not-found", { words: "There is no such group.", certain: true });
    let avatar: string | undefined;
    if (change.kind === "avatar" && change.uri !== "") {
      await using file = await files.open({ uri: change.uri });
      avatar = pictureOf(change.uri);
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.read()) chunks.push(chunk);
      this.network.files.set(avatar, Buffer.concat(chunks));
    }
    group.obeys(this.account, change);
    this.taken.push(outgoing);
    if (fault) throw fault;
    return avatar === undefined ? undefined : { avatar };
  }
  /** To the person's other devices, of which the bridge is one in the network's eyes. */
  async #copy(chat: ChatId, sentAs: MessageId, id: MessageId, outgoing: Sayable): Promise<void> {
    const keyed = this.network.naming === "by-keyless-network" ? {} : { sentAs };
    await this.brings({ ...outgoing, ...keyed, chat, id, sender: undefined, at: 0 });
  }
  /** The id that the network knows the message by. */
  #take(chat: ChatId, id: MessageId, outgoing: Outgoing): MessageId {
    const { naming, messageId } = this.network;
    const existing = naming === "by-keyless-network" ? undefined : this.#ids.get(id);
    if (existing !== undefined) return existing;
    const named = messageId ? id : (String(++this.network.numbered) as MessageId);
    this.#ids.set(id, named);
    this.taken.push(outgoing);
    if (outgoing.kind === "message") this.received.set(named, messageText(outgoing.message));
    this.network.groupsById.get(chat)?.sent(this.account, named, outgoing);
    return named;
  }
  capabilities(_chat?: ChatId): Capabilities {
    return this.granted;
  }
  async chatInfo(chat: ChatId): Promise<ChatInfo> {
    if (this.network.selves.has(chat))
      return { kind: "direct", person: chat as string as PersonId, self: true };
    const group = this.network.groupsById.get(chat);
    if (!group)
      return { ...direct(this.network.requests.get(chat)), person: chat as string as PersonId, name: chat };
    if (this.isEnded || this.state.kind !== "connected") throw away();
    return group.infoFor(this.account);
  }
  async createGroup({ key, name, people }: NewGroup): Promise<ChatId> {
    if (this.isEnded || this.state.kind !== "connected") throw away();
    const { groupKeys } = this.network;
    const existing = groupKeys.get(key);
    if (existing) return existing;
    const roles = Object.fromEntries(people.map((person) => [person, "member" as const]));
    const group = this.network.group(name, roles, [this.account]);
    group.ourRoles.set(this.account, "owner");
    groupKeys.set(key, group.chat);
    const fault = this.faults.shift();
    if (fault) throw fault.error;
    return group.chat;
  }
  async find(query: string): Promise<Found> {
    return this.network.contacts.get(query) ?? { kind: "not-found", words: "Nobody there." };
  }
  markRead(_chat: ChatId, _sender: PersonId, ids: readonly MessageId[], how: string): void {
    this.signs.push(`${how} ${ids.join(" ")}`);
  }
  setTyping(_chat: ChatId, active: boolean): void {
    this.signs.push(active ? "typing" : "not typing");
  }
  async setBlocked(person: PersonId, blocked: boolean): Promise<void> {
    if (blocked) this.blocked.add(person);
    else this.blocked.delete(person);
  }
  async answerRequest(chat: ChatId, accepted: boolean): Promise<void> {
    const fault = this.network.answerFaults.shift();
    if (fault) throw fault;
    this.network.answered.push(`${chat} ${accepted ? "accepted" : "declined"}`);
    // It comes as an event, after the answer.
    this.network.groupsById
      .get(chat)
      ?.answered(this.account, accepted)
      .catch(() => undefined);
  }
  async report(_person: PersonId, messages: readonly Reported[]): Promise<void> {
    this.reports.push(messages);
  }
  async safetyNumber(): Promise<SafetyNumber> {
    return { digits: this.safetyDigits, scannable: new Uint8Array([1, 2, 3]) };
  }
  async avatarOf(person: PersonId): Promise<string | undefined> {
    this.asked.push(person);
    return this.network.pictures.get(person);
  }
  async openMedia(ref: string): Promise<MediaFile> {
    const bytes = this.network.files.get(ref);
    if (!bytes) throw new BridgeError("gone", { words: "The file is gone.", certain: true });
    return memoryFile(bytes);
  }
  markDelivered(_chat: ChatId, _sender: PersonId, ids: readonly MessageId[]): void {
    this.delivered.push(...ids);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.isEnded = true;
  }

  /** The contact writes. */
  says(who: string, id: string, text: string, more: { readonly replyTo?: string } = {}): Promise<void> {
    return this.brings({
      kind: "message",
      chat: who as ChatId,
      sender: who as PersonId,
      id: id as MessageId,
      at: 0,
      senderName: who,
      message: {
        parts: [{ kind: "text", style: "text", body: { text, spans: [] } }],
        ...(more.replyTo === undefined ? {} : { replyTo: { id: more.replyTo as MessageId, own: false } }),
      },
    });
  }
  async brings(...events: readonly Brought[]): Promise<void> {
    for (const event of events) this.#unacknowledged.add(event);
    if (this.#broken) return;
    try {
      await this.sink.accept(events, () => {});
    } catch (error) {
      this.#broken = true;
      this.network.clock.after(1_000, () => this.redeliver());
      throw error;
    }
    for (const event of events) this.#unacknowledged.delete(event);
  }
}

const direct = (isRequest: boolean | undefined) =>
  ({ kind: "direct", ...(isRequest === undefined ? {} : { isRequest }) }) as const;

const notIn = (): BridgeError =>
  new BridgeError("forbidden", { words: "You are not in this group.", certain: true });

const away = (): BridgeError =>
  new BridgeError("remote-unreachable", { words: "away.", certain: true, retryAfter: 0 });
