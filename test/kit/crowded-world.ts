import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { parse } from "yaml";
import { untilConnected } from "../../tools/demo/opt-in.ts";
import { answers, type Command, ManagedProcess } from "../../tools/process/managed-process.ts";
import { type Phone, SandboxControl } from "../../tools/sandbox/control.ts";
import { botLocalpart, bridgeYaml } from "../../tools/world/bridge-yaml.ts";
import { type WorldFiles, worldFiles } from "../../tools/world/files.ts";
import { networkSections } from "../../tools/world/networks.ts";
import { sandboxYaml } from "../../tools/world/sandbox-yaml.ts";
import { newSettings } from "../../tools/world/settings.ts";
import { FakeHomeserver, type FakeRegistration } from "./fake-homeserver.ts";
import { createRoom, join as joinRoom } from "./fake-homeserver-rooms.ts";
import type { FakeEvent, FakeRoom } from "./fake-homeserver-state.ts";
import { sources } from "./programs.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const serverName = "crowded.test";

interface Watched {
  /** Milliseconds of the main thread's processor time: of the longest turn since the last {@link forget}, and in all. */
  readonly longest: number;
  readonly used: number;
  /** MiB. */
  readonly peak: number;
}

interface CrowdedWorldParts {
  readonly homeserver: FakeHomeserver;
  readonly control: SandboxControl;
  readonly bridge: ManagedProcess;
  readonly files: WorldFiles;
  readonly socket: string;
  /** Answers once the bridge is ready. */
  readonly ready: string;
  readonly stack: AsyncDisposableStack;
}

/** A bridge in a process of its own whose turns are watched, with the sandbox in another and a homeserver here. */
export class CrowdedWorld implements AsyncDisposable {
  readonly person = `@ana:${serverName}`;
  readonly bot = `@${botLocalpart}:${serverName}`;
  readonly homeserver: FakeHomeserver;
  readonly control: SandboxControl;
  readonly bridge: ManagedProcess;
  readonly files: WorldFiles;
  readonly #socket: string;
  readonly #ready: string;
  readonly #stack: AsyncDisposableStack;
  readonly #looks = new Set<() => void>();
  #phones = 0;
  #longest = 0;

  private constructor({ homeserver, control, bridge, files, socket, ready, stack }: CrowdedWorldParts) {
    this.homeserver = homeserver;
    this.control = control;
    this.bridge = bridge;
    this.files = files;
    this.#socket = socket;
    this.#ready = ready;
    this.#stack = stack;
    homeserver.state.listeners.add((event) => this.#happened(event));
  }

  static async start(programs = sources): Promise<CrowdedWorld> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(temporaryFolder()).path;
    const files = worldFiles(folder);
    const inside = worldFiles(programs.prepare(folder));
    const settings = await newSettings(serverName);
    const homeserver = stack.use(await FakeHomeserver.start({ serverName }));
    homeserver.recordRequests = false;
    const control = new SandboxControl(`http://127.0.0.1:${settings.ports.sandbox}`);
    const run = (name: string, command: Command, log: string): ManagedProcess =>
      stack.use(new ManagedProcess(name, command, log));
    writeFileSync(files.sandboxConfig, sandboxYaml(settings, inside));
    const sandbox = run(
      "The sandbox",
      programs.sandbox(folder, ["-c", inside.sandboxConfig]),
      files.logs.sandbox,
    );
    sandbox.start();
    await sandbox.ready(answers(`${control.origin}/_sandbox/v1`));
    const networks = await networkSections(control);
    writeFileSync(
      files.bridgeConfig,
      bridgeYaml(settings, inside, { networks, homeserverUrl: homeserver.url }),
    );
    const words = ["-c", inside.bridgeConfig, "-r", inside.registration];
    const {
      argv: [program, ...args],
      ...at
    } = programs.bridge(folder, ["register", ...words]);
    await promisify(execFile)(program, args, at);
    homeserver.use(parse(readFileSync(files.registration, "utf8")) as FakeRegistration);
    const socket = join(folder, "turns");
    const bridge = run("The bridge", programs.bridge(folder, ["start", ...words], socket), files.logs.bridge);
    bridge.start();
    const ready = `http://127.0.0.1:${settings.ports.health}/ready`;
    await bridge.ready(answers(ready));
    const world = new CrowdedWorld({
      homeserver,
      control,
      bridge,
      files,
      socket,
      ready,
      stack: stack.move(),
    });
    await world.#optIn();
    return world;
  }

  /** The processor time of the bridge's event loop turns. */
  async watched(): Promise<Watched> {
    const told = JSON.parse(await text(connect(this.#socket))) as Watched;
    this.#longest = Math.max(this.#longest, told.longest / 1000);
    return { longest: this.#longest, used: told.used / 1000, peak: told.peak / 2 ** 20 };
  }

  /** What was watched so far is forgotten. */
  async restartBridge(): Promise<void> {
    await this.bridge.stop();
    rmSync(this.#socket, { force: true });
    this.#longest = 0;
    this.bridge.start();
    await this.bridge.ready(answers(this.#ready));
  }

  async forget(): Promise<void> {
    await this.watched();
    this.#longest = 0;
  }

  /** A contact who has written once, and the room of their chat. */
  async contact(name: string): Promise<{ readonly phone: Phone; readonly room: string }> {
    this.#phones += 1;
    const phone = await this.control.addContact({
      network: "whatsapp",
      name,
      phone: `+316123450${String(this.#phones).padStart(2, "0")}`,
    });
    const hello = `hello from ${name}`;
    await phone.does("says", { to: this.person, text: hello });
    return { phone, room: (await this.message(({ content }) => content["body"] === hello)).room_id };
  }

  /** The first event in any room that `isIt` accepts. */
  async message(isIt: (event: FakeEvent) => boolean): Promise<FakeEvent> {
    const find = (): FakeEvent | undefined =>
      [...this.homeserver.state.rooms.values()].flatMap(({ events }) => events).find(isIt);
    const { promise, resolve } = Promise.withResolvers<FakeEvent>();
    const look = (): void => {
      const found = find();
      if (found === undefined) return;
      this.#looks.delete(look);
      resolve(found);
    };
    this.#looks.add(look);
    look();
    return promise;
  }

  /** The bodies of a room's messages, in order. */
  bodies(room: string): readonly string[] {
    return this.#room(room).events.flatMap(({ content: { body } }) =>
      typeof body === "string" ? [body] : [],
    );
  }

  /** The person sends an event to a room. */
  says(room: string, content: Readonly<Record<string, unknown>>, type = "m.room.message"): FakeEvent {
    return this.homeserver.state.append(this.#room(room), this.person, type, { ...content });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #room(id: string): FakeRoom {
    const room = this.homeserver.state.rooms.get(id);
    if (room === undefined) throw new Error(`There is no room ${id}`);
    return room;
  }

  #happened(event: FakeEvent): void {
    const { type, state_key: user, content, room_id: room } = event;
    if (type === "m.room.member" && user === this.person && content["membership"] === "invite") {
      setImmediate(() => joinRoom(this.homeserver.state, this.person, room));
    }
    for (const look of this.#looks) look();
  }

  async #optIn(): Promise<void> {
    const { state } = this.homeserver;
    this.homeserver.addPerson(this.person, "Ana");
    const options = { forceEncryption: false, crash: false };
    const { id } = createRoom(state, this.person, { invite: [this.bot], is_direct: true }, options);
    await this.message(
      (event) => event.room_id === id && event.sender === this.bot && event.type === "m.room.message",
    );
    this.says(id, { msgtype: "m.text", body: "enable whatsapp" });
    await this.message(
      ({ sender, content }) => sender === this.bot && String(content["body"]).includes("yes"),
    );
    this.says(id, { msgtype: "m.text", body: "yes" });
    await untilConnected(this.control, "whatsapp", this.person);
  }
}
