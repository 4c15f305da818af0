import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Bridge } from "../../src/core/bridge.ts";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { EventId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { MediaTools } from "../../src/core/model/media.ts";
import type { Guard } from "../../src/core/ports/guards.ts";
import type { Log } from "../../src/core/ports/log.ts";
import type { Scheduler } from "../../src/core/ports/scheduler.ts";
import type { SettingsPage } from "../../src/core/ports/settings-page.ts";
import type { Store, Writes } from "../../src/core/ports/store.ts";
import { createMetrics } from "../../src/http/metrics.ts";
import { type CoreConfig, configuredBridge } from "../../src/program/configured-bridge.ts";
import { openStore } from "../../src/store/open.ts";
import type { MemoryClient } from "./memory-client.ts";
import { MemoryHomeserver } from "./memory-homeserver.ts";
import { MemoryNetwork } from "./memory-network.ts";
import { MemoryPuppets } from "./memory-puppets.ts";
import { memoryTools } from "./memory-tools.ts";
import { newDatabase } from "./new-database.ts";
import { postedStore } from "./posted-store.ts";
import { PowerLine } from "./power-line.ts";
import { atOnce } from "./scheduler.ts";
import { placeWithoutDisk } from "./temporary-folder.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

export const ANA = "@ana:test" as UserId;
export const BEN = "@ben:test" as UserId;

/** The core with its real store, between a homeserver and a network in memory, on a virtual clock. */
export class FlowWorld implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly homeserver = new MemoryHomeserver();
  readonly network = new MemoryNetwork(this.clock);
  /** More networks of the next start's configuration. */
  readonly others: MemoryNetwork[] = [];
  scheduler: Scheduler = atOnce;
  tools: MediaTools = memoryTools;
  readonly puppets = new MemoryPuppets(this.homeserver);
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  readonly admins = new Set<UserId>();
  /** People of this server who may not use the bridge. */
  readonly strangers = new Set<UserId>();
  readonly #folder = mkdtempSync(join(placeWithoutDisk(), "flow-"));
  /** The database. */
  readonly file = join(this.#folder, "bridge.db");
  #events = 0;
  #line = new PowerLine();
  /** While true, every write fails as on a full disk. */
  diskFull = false;
  /** Wraps every record's writes, for faults. */
  spoiled: (tx: Writes) => Writes = (tx) => tx;
  /** What somebody commits right before a record that has a guard. */
  faster: (guard: Guard) => ((tx: Writes) => void) | undefined = () => undefined;
  readonly registry = createMetrics([this.network.id]);
  /** Called at each start in place of the audit stream. */
  catchUp: () => Promise<void> = async () => {};
  /** Whether the configuration of the next start has the network. */
  configured = true;
  /** The configuration of the next start. */
  readonly config: CoreConfig = {
    names: { contact: "{name} ({network})" },
    media: { captions: "inside" },
    delivery: { statuses: "auto" },
    permissions: {},
  };
  /** What the bot's links lead to; none if absent. */
  settingsPage: SettingsPage | undefined;
  store!: Store;
  bridge!: Bridge;

  static async start(config: Partial<CoreConfig> = {}): Promise<FlowWorld> {
    const world = new FlowWorld();
    world.homeserver.now = () => world.clock.now();
    Object.assign(world.config, config);
    await world.#open();
    return world;
  }

  async #open(): Promise<void> {
    const log: Log = {
      error: (message) => void this.errors.push(message),
      warn: (message) => void this.warnings.push(message),
      info() {},
      debug() {},
    };
    await newDatabase({ path: this.file });
    this.store = openStore({ path: this.file, log });
    this.#line = new PowerLine();
    const networks = [...(this.configured ? [this.network] : []), ...this.others];
    for (const network of [this.network, ...this.others]) {
      network.line = this.#line;
      network.store = this.store;
    }
    this.bridge = await configuredBridge(this.config, {
      store: this.#line.over(this.#withDisk(this.store)),
      homeserver: this.#line.over(this.homeserver),
      networks: new Map(networks.map((network) => [network.id, network])),
      puppets: this.puppets,
      access: {
        levelOf: (user) => {
          if (this.admins.has(user)) return "admin";
          return user.endsWith(":test") && !this.strangers.has(user) ? "user" : "none";
        },
      },
      tools: this.tools,
      clock: this.clock,
      scheduler: this.scheduler,
      random: { uuid: () => randomUUID() },
      log,
      metrics: this.registry.metrics,
      version: "test",
      settingsPage: { linkFor: (user) => this.settingsPage?.linkFor(user) },
    });
    await this.catchUp();
    await this.bridge.intake.gapClosed();
    await this.bridge.resume();
    await settle();
  }

  #withDisk(disk: Store): Store {
    const store = postedStore(disk, (guard) => this.faster(guard));
    return {
      ...store,
      write: async (record: Parameters<Store["write"]>[0]) => {
        if (!this.diskFull) return store.write((tx) => record(this.spoiled(tx)));
        // Fails in a later turn, as a failed commit does.
        await new Promise((done) => setImmediate(done));
        throw new BridgeError("storage", { words: "The disk is full.", certain: true, retryAfter: 0 });
      },
    };
  }

  /** Once, right before a record with such a guard, this is committed. */
  overtakes(kind: Guard["kind"], record: (tx: Writes) => void): void {
    this.faster = (guard) => {
      if (guard.kind !== kind) return undefined;
      this.faster = () => undefined;
      return record;
    };
  }

  /** The sum of a metric's series that have these labels. */
  async measured(name: string, ...labels: readonly string[]): Promise<number> {
    const lines = (await this.registry.text()).split("\n").filter((line) => line.startsWith(`${name}{`));
    const series = lines.filter((line) => labels.every((label) => line.includes(label)));
    return series.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  }

  /** Stops the bridge and starts another on the same file. */
  async restart(): Promise<void> {
    await this.stops();
    await this.starts();
  }

  async stops(): Promise<void> {
    await this.bridge[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }

  starts(): Promise<void> {
    return this.#open();
  }

  /** Crashes the bridge as `kill -9` does: no running request is answered, and nothing it does later counts. */
  async crash(): Promise<void> {
    this.#line.cut();
    this.clock.forget();
    await this.store[Symbol.asyncDispose]();
    await this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bridge[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  newEventId(): EventId {
    return `$person-${++this.#events}` as EventId;
  }

  /** The homeserver pushes what a person wrote. */
  async says(sender: UserId, room: RoomId, text: string, id = this.newEventId()): Promise<EventId> {
    await this.push(this.text(sender, room, text, id));
    return id;
  }

  text(sender: UserId, room: RoomId, text: string, id = this.newEventId()): MatrixEvent {
    const message = { parts: [{ kind: "text", style: "text", body: { text, spans: [] } }] } as const;
    return { kind: "message", room, sender, id, at: this.clock.now(), message };
  }

  async push(...events: readonly MatrixEvent[]): Promise<void> {
    await this.bridge.intake.take(events, "push");
    await settle();
  }

  /** The homeserver pushes that somebody came into a room, or left it. */
  moves(user: UserId, room: RoomId, membership: "join" | "leave"): Promise<void> {
    const moved = { user, membership, direct: false } as const;
    return this.push({ kind: "member", room, sender: user, id: this.newEventId(), at: 0, ...moved });
  }

  /** The homeserver pushes that somebody invited the bot. */
  invitesBot(by: UserId, room: RoomId, { direct } = { direct: true }): Promise<void> {
    const invited = { user: this.homeserver.bot, membership: "invite", direct } as const;
    return this.push({ kind: "member", room, sender: by, id: this.newEventId(), at: 0, ...invited });
  }

  /** Makes a direct chat with the bot; answers the room. */
  async meets(user: UserId): Promise<RoomId> {
    const room = this.homeserver.personMakes(`dm-${user.slice(1, 4)}`, user, "invite");
    await this.invitesBot(user, room);
    return room;
  }

  /** Opts a person in by commands; answers their connection and management room. */
  async optsIn(user: UserId): Promise<{ readonly client: MemoryClient; readonly room: RoomId }> {
    const room = await this.meets(user);
    await this.says(user, room, "enable whatsapp");
    await this.says(user, room, "yes");
    return { client: this.network.clientOf(user), room };
  }

  /** The portal with a contact, once there is one. */
  async portal(user: UserId, contact: string) {
    const [login] = await this.store.logins.of(user, this.network.id);
    const portals = login ? await this.store.portals.ofLogin(login.id) : [];
    const portal = portals.find(({ chat }) => chat === contact);
    if (!portal?.room) throw new Error(`no portal with ${contact}`);
    return { ...portal, room: portal.room };
  }
}
