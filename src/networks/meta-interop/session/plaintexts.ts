import type { Capabilities } from "../../../core/model/capabilities.ts";
import type { Part } from "../../../core/model/content.ts";
import type { Outgoing } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId, UserId } from "../../../core/model/ids.ts";
import type { Journal, OutgoingItem } from "../../../core/ports/network.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { fromBridge, type Writing } from "../convert/from-bridge.ts";
import { usersIn } from "../convert/mentions.ts";
import { personIn } from "../ids.ts";
import type { Plaintext } from "../wire/plaintext-kinds.ts";
import type { Scene } from "./login-context.ts";
import type { OutgoingFiles } from "./outgoing-files.ts";

/** A message that is ready to be encrypted. */
export interface Prepared extends Disposable {
  readonly plaintext: Plaintext;
  /** To be committed with the ciphertext. */
  record(tx: Writes): void;
}

type MediaPart = Extract<Part, { kind: "media" }>;

const NOBODY: ReadonlyMap<UserId, PersonId> = new Map();
const nothing = (): void => undefined;

/** What our person's messages are on the network. */
export class Plaintexts {
  readonly #scene: Scene;
  readonly #files: OutgoingFiles;
  readonly #granted: () => Capabilities;

  constructor(scene: Scene, files: OutgoingFiles, granted: () => Capabilities) {
    this.#scene = scene;
    this.#files = files;
    this.#granted = granted;
  }

  /** What needs neither a file nor a look-up, at once. Throws BridgeError. */
  plain({ chat, outgoing }: Pick<OutgoingItem, "chat" | "outgoing">): Prepared | undefined {
    if (mediaOf(outgoing) || usersOf(outgoing).length > 0) return undefined;
    return ready(fromBridge(this.#writing(chat, NOBODY), outgoing));
  }

  /** The rest; a file hosted at an earlier try is used again. Throws BridgeError. */
  async prepare(item: OutgoingItem, journal: Journal): Promise<Prepared> {
    const { chat, id, outgoing } = item;
    const part = mediaOf(outgoing);
    const kept = part && (await this.#files.kept(id));
    if (kept) return ready(kept);
    const writing = this.#writing(chat, await this.#ghosts(outgoing));
    if (!part) return ready(fromBridge(writing, outgoing));
    const hosted = await this.#files.host(item, part.media, writing.granted);
    try {
      const plaintext = fromBridge(writing, outgoing, hosted.file);
      const remarks = [hosted.remark, captionLost(part, plaintext, writing.network)];
      const words = remarks.filter((remark) => remark !== undefined).join(" ");
      const remark = words === "" ? nothing : journal.remark(words);
      return {
        plaintext,
        record(tx) {
          hosted.record(tx, plaintext);
          remark(tx);
        },
        [Symbol.dispose]: () => hosted[Symbol.dispose](),
      };
    } catch (error) {
      hosted[Symbol.dispose]();
      throw error;
    }
  }

  /** What a message was when it was sent; undefined where its file's key is no longer kept. */
  async again(chat: ChatId, id: MessageId, outgoing: Outgoing): Promise<Plaintext | undefined> {
    if (mediaOf(outgoing)) return this.#files.kept(id);
    const writing = this.#writing(chat, await this.#ghosts(outgoing));
    const all = {
      reactions: true,
      replies: true,
      edits: true,
      deletes: true,
      location: true,
      contacts: true,
    };
    const granted = { ...writing.granted, ...all, text: Number.POSITIVE_INFINITY };
    return fromBridge({ ...writing, granted }, outgoing);
  }

  #writing(chat: ChatId, ghosts: ReadonlyMap<UserId, PersonId>): Writing {
    const { profile, own, user } = this.#scene;
    const two = { person: personIn(chat), own, user };
    return { network: profile.name, granted: this.#granted(), two, ghosts };
  }

  /** Contacts are mentioned by the Matrix ids they have here. */
  async #ghosts(outgoing: Outgoing): Promise<ReadonlyMap<UserId, PersonId>> {
    const { store, profile } = this.#scene;
    const found = await Promise.all(usersOf(outgoing).map((user) => store.ghosts.byUser(user)));
    const ours = found.flatMap((ghost) => (ghost?.network === profile.id ? [ghost] : []));
    return new Map(ours.map(({ user, person }) => [user, person]));
  }
}

function ready(plaintext: Plaintext): Prepared {
  return { plaintext, record: nothing, [Symbol.dispose]: nothing };
}

function mediaOf(outgoing: Outgoing): MediaPart | undefined {
  if (outgoing.kind !== "message") return undefined;
  return outgoing.message.parts.find((part) => part.kind === "media");
}

function usersOf(outgoing: Outgoing): readonly UserId[] {
  return outgoing.kind === "message" || outgoing.kind === "edit" ? usersIn(outgoing.message) : [];
}

function captionLost({ caption }: MediaPart, { kind }: Plaintext, network: string): string | undefined {
  if (kind !== "audio" || caption === undefined || caption.text.trim() === "") return undefined;
  return `${network} takes no words with a recording, so only the recording was sent. Send the words as a message.`;
}
