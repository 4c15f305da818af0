import { BridgeError } from "../../model/errors.ts";
import type { RoomId } from "../../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../../ports/homeserver.ts";
import type { RoomEncryption } from "../../ports/rooms.ts";
import type { Login, NewMatrixOutboxRow, Portal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";
import type { OutboxRows } from "../../runtime/outbox-rows.ts";
import { nameOf } from "../chat-profiles.ts";
import { POWER_LEVELS } from "../groups/power-levels.ts";
import * as words from "./encryption-words.ts";

interface ChatEncryptionParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
}

/** A chat with a room, and whether that is encrypted. */
export interface EncryptableChat {
  readonly login: Login;
  readonly portal: Portal;
  readonly room: RoomId;
  /** Whom it is with, in the bot's words. */
  readonly name: string;
  readonly encrypted: boolean;
}

/** What people do about the encryption between their clients and the bridge, by whichever way they say so. */
export class ChatEncryption {
  readonly #parts: ChatEncryptionParts;

  constructor(parts: ChatEncryptionParts) {
    this.#parts = parts;
  }

  /** Absent where the bridge reads no encrypted rooms. */
  get #port(): RoomEncryption | undefined {
    return this.#parts.homeserver.encryption;
  }

  get isOn(): boolean {
    return this.#port !== undefined;
  }

  /** The bot's key; undefined where there is none. Throws BridgeError. */
  async fingerprint(): Promise<string | undefined> {
    return this.#port?.fingerprint();
  }

  /** The chats of a login which have a room, archives aside. */
  async of(login: Login): Promise<readonly EncryptableChat[]> {
    const { store } = this.#parts;
    const chats: EncryptableChat[] = [];
    for (const portal of await store.portals.ofLogin(login.id)) {
      const { room, state } = portal;
      if (room === undefined || state !== "open") continue;
      const name = await nameOf(store, portal, "a contact");
      chats.push({ login, portal, room, name, encrypted: await this.has(room) });
    }
    return chats;
  }

  async has(room: RoomId): Promise<boolean> {
    return (await this.#port?.has(room)) ?? false;
  }

  /** Why a chat's room cannot be encrypted, a sentence; undefined where it can. */
  async refusal(portal: Portal): Promise<string | undefined> {
    if (!this.isOn) return words.OFF;
    const { room, state } = portal;
    if (room === undefined || state !== "open") return words.NO_ROOM;
    if (await this.has(room)) return words.ALREADY;
    if (portal.kind === "direct") return undefined;
    const own = await this.#parts.store.portalMembers.get(portal, undefined);
    const role = own?.membership === "joined" ? own.role : "member";
    return POWER_LEVELS[role] < POWER_LEVELS[portal.permissions.changes] ? words.NOT_IN_GROUP : undefined;
  }

  /** Encrypts a room for good, and says so there. Throws BridgeError. */
  async switchOn(room: RoomId): Promise<void> {
    const { store, homeserver } = this.#parts;
    const port = this.#port;
    if (!port) throw new BridgeError("unsupported", { words: words.OFF, certain: true });
    if (await port.has(room)) return;
    try {
      await port.switchOn(room);
    } catch (error) {
      if (BridgeError.from(error).reason !== "forbidden") throw error;
      throw new BridgeError("forbidden", {
        words: words.notMine(homeserver.bot),
        certain: true,
        cause: error,
      });
    }
    const row = this.notice(room);
    await store.write((tx) => tx.matrixOutbox.add(row));
  }

  /** The bot's words in a room; those for one that is encrypted from then on, if no others are given. */
  notice(room: RoomId, said = words.ENCRYPTED_NOW): NewMatrixOutboxRow {
    const { homeserver, encoder, outbox } = this.#parts;
    return outbox.row(room, homeserver.bot, encoder.notice(said));
  }
}
