import type { Capabilities } from "../../../core/model/capabilities.ts";
import type { Part } from "../../../core/model/content.ts";
import type { Outgoing } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId, UserId } from "../../../core/model/ids.ts";
import type { Journal, OutgoingItem } from "../../../core/ports/network.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { fromBridge, type WriteContext } from "../convert/from-bridge.ts";
import { namesAll, peopleIn, usersIn } from "../convert/mentions.ts";
import { interopGroups } from "../group-records.ts";
import { groupOf, personIn } from "../ids.ts";
import type { Plaintext } from "../wire/plaintext-kinds.ts";
import type { LoginContext } from "./login-context.ts";
import type { OutgoingFiles } from "./outgoing-files.ts";

/** A message that is ready to be encrypted. */
export interface PreparedMessage extends Disposable {
  readonly plaintext: Plaintext;
  /** Writes what is committed with the ciphertext. */
  record(tx: Writes): void;
}

type MediaPart = Extract<Part, { kind: "media" }>;

const NO_GHOSTS: ReadonlyMap<UserId, PersonId> = new Map();
/** The most members whom a mention of all names: phones read no more mentions of one message than 256. */
const MOST_NAMED = 200;
const nothing = (): void => undefined;

/** Makes the plaintexts of our person's messages. */
export class Plaintexts {
  readonly #context: LoginContext;
  readonly #files: OutgoingFiles;
  readonly #granted: () => Capabilities;

  constructor(context: LoginContext, files: OutgoingFiles, granted: () => Capabilities) {
    this.#context = context;
    this.#files = files;
    this.#granted = granted;
  }

  /** The plaintext of a message without files and mentions, at once; undefined for others. Throws BridgeError. */
  plain({ chat, outgoing }: Pick<OutgoingItem, "chat" | "outgoing">): PreparedMessage | undefined {
    if (mediaOf(outgoing) || usersOf(outgoing).length > 0 || groupOf(chat)) return undefined;
    return prepared(fromBridge(this.#writeContext(chat, NO_GHOSTS), outgoing));
  }

  /** The plaintext of any message; a file hosted at an earlier try is used again. Throws BridgeError. */
  async prepare(item: OutgoingItem, journal: Journal): Promise<PreparedMessage> {
    const { chat, id, outgoing } = item;
    const part = mediaOf(outgoing);
    const stored = part && (await this.#files.stored(id));
    if (stored) return prepared(stored);
    const context = await this.#contextOf(chat, outgoing);
    if (!part) return prepared(fromBridge(context, outgoing));
    const hosted = await this.#files.host(item, part.media, context.granted);
    try {
      const plaintext = fromBridge(context, outgoing, hosted.file);
      const notes = [hosted.note, captionLost(part, plaintext, context.network)];
      const words = notes.filter((note) => note !== undefined).join(" ");
      const note = words === "" ? nothing : journal.note(words);
      return {
        plaintext,
        record(tx) {
          hosted.record(tx, plaintext);
          note(tx);
        },
        [Symbol.dispose]: () => hosted[Symbol.dispose](),
      };
    } catch (error) {
      hosted[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * The plaintext of a message that was sent before, whatever is granted now; undefined where its file's key is no
   * longer stored.
   */
  async forResend(chat: ChatId, id: MessageId, outgoing: Outgoing): Promise<Plaintext | undefined> {
    if (mediaOf(outgoing)) return this.#files.stored(id);
    const context = await this.#contextOf(chat, outgoing);
    const all = {
      reactions: true,
      replies: true,
      edits: true,
      deletes: true,
      location: true,
      contacts: true,
    };
    const granted = { ...context.granted, ...all, text: Number.POSITIVE_INFINITY };
    return fromBridge({ ...context, granted }, outgoing);
  }

  #writeContext(chat: ChatId, ghosts: ReadonlyMap<UserId, PersonId>): WriteContext {
    const { profile, own, user } = this.#context;
    const pair = { person: personIn(chat), own, user };
    return { network: profile.name, granted: this.#granted(), pair, ghosts };
  }

  async #contextOf(chat: ChatId, outgoing: Outgoing): Promise<WriteContext> {
    const ghosts = await this.#ghosts(outgoing);
    const group = groupOf(chat);
    if (group === undefined) return this.#writeContext(chat, ghosts);
    const { profile, own, user, store, login } = this.#context;
    const names = new Map<PersonId, string | undefined>();
    for (const person of new Set([...ghosts.values(), ...peopleOf(outgoing)])) {
      const member = await store.family(interopGroups).member(login, group, person);
      if (member) names.set(person, member.name);
    }
    const [author, target] = await this.#author(group, outgoing);
    return {
      network: profile.name,
      granted: this.#granted(),
      // In a group, nobody is meant where a message names nobody.
      pair: { person: author ?? (own as PersonId), own, user, names, all: await this.#all(group, outgoing) },
      ghosts,
      group: { chat: group, authors: new Map(target === undefined ? [] : [[target, author]]) },
    };
  }

  /** Whom a mention of all names; nobody where they are too many for one message, in which it stays text. */
  async #all(chat: ChatId, outgoing: Outgoing): Promise<readonly PersonId[]> {
    if (outgoing.kind !== "message" && outgoing.kind !== "edit") return [];
    if (!namesAll(outgoing.message)) return [];
    const { store, login, own } = this.#context;
    const all = (await store.family(interopGroups).members(login, chat)).flatMap(({ person, leftAt }) =>
      leftAt === undefined && (person as string) !== own ? [person] : [],
    );
    return all.length > MOST_NAMED ? [] : all;
  }

  /** Who wrote the message that another one is about; undefined for our person. */
  async #author(chat: ChatId, outgoing: Outgoing): Promise<[PersonId | undefined, MessageId | undefined]> {
    const { store, login } = this.#context;
    if (outgoing.kind === "group-change") return [undefined, undefined];
    // Whose message is deleted was decided when that was asked.
    if (outgoing.kind === "delete") return [outgoing.author, outgoing.target];
    const target = outgoing.kind === "message" ? outgoing.message.replyTo?.id : outgoing.target;
    if (target === undefined) return [undefined, undefined];
    const parts = await store.messages.parts({ login, chat }, target);
    return [parts[0]?.sender, target];
  }

  /** The contacts that a message mentions, by the Matrix ids of their ghosts. */
  async #ghosts(outgoing: Outgoing): Promise<ReadonlyMap<UserId, PersonId>> {
    const { store, profile } = this.#context;
    const found = await Promise.all(usersOf(outgoing).map((user) => store.ghosts.byUser(user)));
    const ours = found.flatMap((ghost) => (ghost?.network === profile.id ? [ghost] : []));
    return new Map(ours.map(({ user, person }) => [user, person]));
  }
}

function prepared(plaintext: Plaintext): PreparedMessage {
  return { plaintext, record: nothing, [Symbol.dispose]: nothing };
}

function mediaOf(outgoing: Outgoing): MediaPart | undefined {
  if (outgoing.kind !== "message") return undefined;
  return outgoing.message.parts.find((part) => part.kind === "media");
}

function usersOf(outgoing: Outgoing): readonly UserId[] {
  return outgoing.kind === "message" || outgoing.kind === "edit" ? usersIn(outgoing.message) : [];
}

const peopleOf = (outgoing: Outgoing): readonly PersonId[] =>
  outgoing.kind === "message" || outgoing.kind === "edit" ? peopleIn(outgoing.message) : [];

function captionLost({ caption }: MediaPart, { kind }: Plaintext, network: string): string | undefined {
  if (kind !== "audio" || caption === undefined || caption.text.trim() === "") return undefined;
  return `${network} takes no words with a recording, so only the recording was sent. Send the words as a message.`;
}
