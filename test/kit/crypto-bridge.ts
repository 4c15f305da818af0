import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { OutboxId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { EventToSend } from "../../src/core/ports/homeserver.ts";
import type { Store, Writes } from "../../src/core/ports/store.ts";
import { Machines } from "../../src/matrix/crypto/machines.ts";
import { Receiver } from "../../src/matrix/crypto/receiver.ts";
import { SealedEvents } from "../../src/matrix/crypto/sealed-events.ts";
import { Sender } from "../../src/matrix/crypto/sender.ts";
import { openStore } from "../../src/store/open.ts";
import { KeyServer } from "./key-server.ts";
import { newDatabase } from "./new-database.ts";
import { placeWithoutDisk, temporaryFolder } from "./temporary-folder.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };
export const BOT = "@bot:test" as UserId;
export const GHOST = "@ghost:test" as UserId;
export const ANA = "@ana:test" as UserId;
export const ROOM = "!room:test" as RoomId;

/** Our users' keys over one database, which may be closed and opened again as a restart does. */
export class Bridge implements AsyncDisposable {
  readonly server = new KeyServer();
  readonly #folder = temporaryFolder(placeWithoutDisk());
  #store: Store | undefined;
  #machines: Machines | undefined;
  /** After how many more commits one finds a full disk; undefined where none does. */
  fullAfter: number | undefined;
  /** What was told of lost devices and identities. */
  readonly told: string[] = [];
  /** Of the library's time too. */
  readonly clock = { now: () => Date.now() };

  get path(): string {
    return join(this.#folder.path, "bridge.db");
  }

  async start(): Promise<this> {
    await newDatabase({ path: this.path });
    const store = openStore({ path: this.path, log });
    this.#store = store;
    const write = (record: (tx: Writes) => void): Promise<void> => {
      const left = this.fullAfter;
      this.fullAfter = left === undefined || left === 0 ? undefined : left - 1;
      if (left !== 0) return store.write(record);
      return Promise.reject(new BridgeError("storage", { words: "full", certain: true, retryAfter: 0 }));
    };
    const guarded = new Proxy(store, {
      get: (target, name) => {
        if (name === "write") return write;
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? (member as () => unknown).bind(target) : member;
      },
    });
    this.#machines = new Machines({
      store: guarded,
      requests: this.server,
      bot: BOT,
      deviceName: "Bridge",
      deviceLost: (user) => this.told.push(`device of ${user}`),
      identityLost: (user) => this.told.push(`identity of ${user}`),
    });
    return this;
  }

  /** What was not committed is gone. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.start();
  }

  async #stop(): Promise<void> {
    this.#machines?.[Symbol.dispose]();
    await this.#store?.[Symbol.asyncDispose]();
  }

  get store(): Store {
    if (!this.#store) throw new Error("not started");
    return this.#store;
  }

  get machines(): Machines {
    if (!this.#machines) throw new Error("not started");
    return this.#machines;
  }

  get receiver(): Receiver {
    return new Receiver({
      machines: this.machines,
      store: this.store,
      bot: BOT,
      trust: "any",
      clock: this.clock,
    });
  }

  get sealed(): SealedEvents {
    return new SealedEvents({
      store: this.store,
      sender: new Sender(this.machines, this.clock),
      clock: this.clock,
    });
  }

  /** A copy of the database, which `restores` puts back. */
  async copies(): Promise<Buffer> {
    await this.#stop();
    const copy = readFileSync(this.path);
    await this.start();
    return copy;
  }

  async restores(copy: Buffer): Promise<void> {
    await this.#stop();
    for (const end of ["", "-wal", "-shm"]) rmSync(this.path + end, { force: true });
    writeFileSync(this.path, copy);
    await this.start();
  }

  /** Changes what is stored, as what damages a file does. */
  async spoils(sql: string): Promise<void> {
    await this.#stop();
    const database = new Database(this.path);
    database.exec(sql);
    database.close();
    await this.start();
  }

  async receives(): Promise<void> {
    const { receiver } = this;
    await receiver.receive(this.server.sync(BOT, await receiver.device()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    this.#folder[Symbol.dispose]();
  }
}

let count = 0;
export function event(body: string, sender = GHOST): EventToSend {
  count += 1;
  return {
    id: `00000000-0000-0000-0000-${String(count).padStart(12, "0")}` as OutboxId,
    room: ROOM,
    sender,
    type: "m.room.message",
    stateKey: undefined,
    content: { msgtype: "m.text", body },
    createdAt: 1,
  };
}

let shown = 0;
/** As the homeserver shows it to a person. */
export function inRoom({ type, sender, content }: Pick<EventToSend, "type" | "sender" | "content">) {
  shown += 1;
  return { event_id: `$${shown}`, type, sender, content, origin_server_ts: 1, room_id: ROOM };
}
