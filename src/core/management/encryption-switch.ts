import { nameOf } from "../chats/chat-profiles.ts";
import { commandTarget } from "../chats/command-target.ts";
import * as words from "../chats/encryption/encryption-words.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Tell } from "../runtime/tell.ts";

interface EncryptionSwitchParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  /** Runs everything that concerns a person's room one after the other, by user id. */
  readonly serial: SerialByKey;
  readonly tell: Tell;
  readonly log: Log;
}

const SCOPE = "encryption";
/** The record of whether people may encrypt the rooms there are. */
const POWERS = "powers";
/** The scope of the records of who was told that it is off. */
const TOLD = "encryption-off";

/** What follows where an administrator has switched encryption on or off since the last start. */
export class EncryptionSwitch {
  readonly #parts: EncryptionSwitchParts;

  constructor(parts: EncryptionSwitchParts) {
    this.#parts = parts;
  }

  /** Called at the start. What fails is done at the next one. */
  async resume(): Promise<void> {
    await this.#tellAll();
    await this.#setPowers();
  }

  /** Tells everybody once whose rooms nothing is sent to any more. */
  async #tellAll(): Promise<void> {
    const { store, homeserver } = this.#parts;
    if (homeserver.encryption) return this.#forgetTold();
    const chats = new Map<UserId, Portal[]>();
    for (const room of await homeserver.shutRooms()) {
      const owner = await store.rooms.owner(room);
      if (owner !== undefined) {
        await this.#leave(room, owner);
        chats.set(owner, chats.get(owner) ?? []);
      }
      for (const portal of await store.portals.ofRoom(room)) {
        const login = await store.logins.get(portal.login);
        if (login) chats.set(login.user, [...(chats.get(login.user) ?? []), portal]);
      }
    }
    for (const [user, portals] of chats) await this.#tell(user, portals);
  }

  async #tell(user: UserId, portals: readonly Portal[]): Promise<void> {
    const { store, tell } = this.#parts;
    if ((await store.records.get(TOLD, user)) !== undefined) return;
    const named = await Promise.all(
      portals.slice(0, words.MOST_CHATS).map(async (portal) => ({
        name: await nameOf(store, portal, "a contact"),
        target: await commandTarget(store, portal),
      })),
    );
    await tell(user, words.switchedOff(named, portals.length - named.length), (tx) =>
      tx.records.set(TOLD, user, "told"),
    );
  }

  async #forgetTold(): Promise<void> {
    const { store } = this.#parts;
    const told = await store.records.all(TOLD);
    if (told.length > 0)
      await store.write((tx) => {
        for (const { name } of told) tx.records.remove(TOLD, name);
      });
  }

  /** Leaves a management room in which the bot can say nothing; its person's next one is a new one. */
  #leave(room: RoomId, owner: UserId): Promise<void> {
    const { store, homeserver, serial } = this.#parts;
    return serial.run(owner, async () => {
      await homeserver.leave(homeserver.bot, room, words.NOT_HERE);
      const rows = await store.matrixOutbox.next(room, await store.matrixOutbox.count(), Infinity);
      await store.write((tx) => {
        tx.rooms.remove(room);
        for (const { id } of rows) tx.matrixOutbox.abandon(id);
      });
    });
  }

  /** Has the rooms that were made before let people encrypt them, or no more. */
  async #setPowers(): Promise<void> {
    const { store, homeserver, log } = this.#parts;
    const due = homeserver.encryption ? "on" : "off";
    if (((await store.records.get(SCOPE, POWERS)) ?? "off") === due) return;
    let failed = 0;
    for (const { room, kind } of await this.#rooms()) {
      try {
        await homeserver.letEncrypt(room, kind);
      } catch (error) {
        failed += 1;
        log.info("who may encrypt a room is set at the next start", { room, ...faultOf(error) });
      }
    }
    if (failed === 0) await store.write((tx) => tx.records.set(SCOPE, POWERS, due));
  }

  async #rooms(): Promise<readonly { readonly room: RoomId; readonly kind: Portal["kind"] }[]> {
    const { store } = this.#parts;
    const rooms = new Map<RoomId, Portal["kind"]>();
    for (const { id } of await store.logins.all())
      for (const { room, kind } of await store.portals.ofLogin(id))
        if (room !== undefined) rooms.set(room, kind);
    for (const owner of await store.rooms.owners()) {
      const room = await store.rooms.of(owner);
      if (room !== undefined) rooms.set(room, "direct");
    }
    return Array.from(rooms, ([room, kind]) => ({ room, kind }));
  }
}
