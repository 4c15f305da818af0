import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import Database from "better-sqlite3";
import type { ContactName, Facts } from "../../tools/earlier-bridge/facts.ts";
import { missingTraffic } from "../../tools/earlier-bridge/mid-traffic.ts";
import { Phone, type PhoneItem } from "../../tools/sandbox/control.ts";
import { ana, bot, type EarlierWorld } from "./earlier-world.ts";
import type { FakeEvent } from "./fake-homeserver-state.ts";

export const relation = ({ content }: FakeEvent) =>
  (content["m.relates_to"] ?? {}) as {
    readonly rel_type?: string;
    readonly event_id?: string;
    readonly key?: string;
  };

export const said = (body: string) => (event: FakeEvent) =>
  event.content["body"] === body && event.sender !== ana;

/** Texts and names of files, in order. */
export const bodies = (items: readonly PhoneItem[]): readonly string[] =>
  items
    .filter(({ kind }) => kind === "text" || kind === "file")
    .map(({ text, media }) => text ?? media?.name ?? "");

/** What an earlier bridge, its sandbox and its homeserver left, unpacked into a folder. */
export class EarlierRemains {
  readonly facts: Facts;
  readonly #folder: string;

  constructor(archive: string, folder: string) {
    const input = zstdDecompressSync(readFileSync(archive));
    execFileSync("tar", ["-xf", "-", "-C", folder], { input });
    this.#folder = folder;
    this.facts = JSON.parse(readFileSync(join(folder, "facts.json"), "utf8")) as Facts;
  }

  /** What should have been under way in it and is not. */
  missing(): readonly string[] {
    using bridge = this.#opened("bridge.db");
    return missingTraffic(bridge.db);
  }

  /** Who has how many prekeys left: each new session takes one away. */
  keys(): unknown {
    using sandbox = this.#opened("sandbox.db");
    return {
      ours: sandbox.db
        .prepare("SELECT owner, kind, sum(given) AS given FROM held_prekey GROUP BY 1, 2")
        .all(),
      theirs: sandbox.db
        .prepare("SELECT person, kind, count(*) AS left FROM signal_prekey GROUP BY 1, 2")
        .all(),
    };
  }

  phone(world: EarlierWorld, name: ContactName): Phone {
    const { person, externalId, jid } = this.facts.contacts[name];
    return new Phone(world.control, person, externalId, jid);
  }

  /** A contact's room; one that was being made is known by what was to be said there first. */
  room({ homeserver }: EarlierWorld, name: ContactName): string {
    const first = homeserver.state.timeline.find(said(`${name} 1`));
    return this.facts.contacts[name].room ?? first?.room_id ?? `no room of ${name}`;
  }

  /** What a contact said in their room, in order. */
  shown(world: EarlierWorld, name: ContactName): readonly string[] {
    return world
      .room(this.room(world, name))
      .events.filter((event) => event.type === "m.room.message" && ![ana, bot].includes(event.sender))
      .filter((event) => relation(event).rel_type !== "m.replace")
      .map(({ content }) => String(content["body"]));
  }

  /** What a phone shows of Ana, in order. */
  async heard(world: EarlierWorld, name: ContactName): Promise<readonly PhoneItem[]> {
    const { items } = await this.phone(world, name).inbox();
    return items.filter(({ kind, repeat }) => kind !== "receipt" && kind !== "typing" && repeat !== true);
  }

  #opened(name: string): Disposable & { readonly db: Database.Database } {
    const db = new Database(join(this.#folder, name), { readonly: true });
    return { db, [Symbol.dispose]: () => db.close() };
  }
}
