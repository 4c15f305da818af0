import Database from "better-sqlite3";
import type { NetworkId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { FlowWorld } from "./flow-world.ts";
import { LinkedNetwork } from "./linked-network.ts";

export const QUILL = "quill" as NetworkId;

/** A world with a network that people link, beside the one of all flow tests. */
export class LinkedWorld implements AsyncDisposable {
  readonly world: FlowWorld;
  readonly quill: LinkedNetwork;

  private constructor(world: FlowWorld) {
    this.world = world;
    this.quill = new LinkedNetwork(world.clock);
  }

  static async start(): Promise<LinkedWorld> {
    const linked = new LinkedWorld(await FlowWorld.start());
    linked.world.others.push(linked.quill);
    await linked.world.restart();
    return linked;
  }

  /** What people see of pictures in a room: their codes' data, as long as they are not taken away. */
  codesIn(room: RoomId): readonly string[] {
    const { homeserver } = this.world;
    return homeserver
      .room(room)
      .timeline.filter(({ content }) => content["msgtype"] === "m.image")
      .map(({ content }) =>
        Buffer.from(homeserver.files.get(String(content["url"]))?.bytes ?? "").toString(),
      );
  }

  last(room: RoomId): string {
    return this.world.homeserver.shown(room).at(-1) ?? "";
  }

  /** Begins by a code, up to the first one. */
  async scanning(user: UserId): Promise<RoomId> {
    const room = await this.world.meets(user);
    await this.world.says(user, room, "enable quill qr");
    await this.world.says(user, room, "yes");
    return room;
  }

  /** Links an account by a code. */
  async links(user: UserId, account: string): Promise<RoomId> {
    const room = await this.scanning(user);
    this.quill.scan(account);
    await this.world.clock.advance(1_000);
    return room;
  }

  /** Begins by a number, up to the code that is asked for. */
  async asksForCode(user: UserId, room: RoomId): Promise<void> {
    await this.world.says(user, room, "enable quill phone");
    await this.world.says(user, room, "yes");
    await this.world.says(user, room, "+31 6 12345678");
  }

  /** Every row of every table. */
  database(): string {
    const db = new Database(this.world.file, { readonly: true });
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    const rows = tables.map((table) => db.prepare(`SELECT * FROM ${String(table)}`).all());
    db.close();
    return JSON.stringify(rows);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}
