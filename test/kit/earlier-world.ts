import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import { untilConnected } from "../../tools/demo/opt-in.ts";
import { processEnvironment } from "../../tools/process/environment.ts";
import { tryLock } from "../../tools/process/lock.ts";
import { answers, ManagedProcess } from "../../tools/process/managed-process.ts";
import { SandboxControl } from "../../tools/sandbox/control.ts";
import { FakeHomeserver, type FakeRegistration } from "./fake-homeserver.ts";
import { createRoom, join as joinRoom } from "./fake-homeserver-rooms.ts";
import type { FakeEvent, FakeRoom } from "./fake-homeserver-state.ts";

export const serverName = "earlier.test";
export const ana = `@ana:${serverName}`;
export const bot = `@thirdparty:${serverName}`;

/**
 * Below the range the kernel gives to outgoing connections. They stand in what was kept, so they are the same each
 * time, and one world after the other has them.
 */
export const ports = {
  homeserver: 28_411,
  appservice: 28_412,
  partner: 28_413,
  health: 28_414,
  sandbox: 28_415,
};

interface Place {
  /** With the configurations, registrations and all that the three keep. */
  readonly folder: string;
  /** Code of the bridge and the sandbox. */
  readonly code: string;
  /** Milliseconds by which the clock of all three differs from the machine's. */
  readonly shift?: number;
}

/** Waits until no other process on this machine has the ports. */
async function alone(): Promise<Disposable> {
  const path = join(tmpdir(), "third-party-chats-earlier-world.lock");
  for (;;) {
    const held = tryLock(path);
    if (held !== undefined) return held;
    await pause(200);
  }
}

/** A bridge and a sandbox in processes of their own on a folder that stays, and a homeserver in this one. */
export class EarlierWorld implements AsyncDisposable {
  readonly homeserver: FakeHomeserver;
  readonly control = new SandboxControl(`http://127.0.0.1:${ports.sandbox}`);
  readonly bridge: ManagedProcess;
  readonly sandbox: ManagedProcess;
  readonly #looks = new Set<() => void>();
  readonly #folder: string;
  #stack = new AsyncDisposableStack();

  private constructor(homeserver: FakeHomeserver, { folder, code, shift = 0 }: Place) {
    this.homeserver = homeserver;
    this.#folder = folder;
    const date = new URL(`shifted-date.ts?by=${shift}`, import.meta.url).href;
    const program = (name: string, log: string, ...args: readonly string[]): ManagedProcess =>
      new ManagedProcess(
        name,
        {
          argv: [process.execPath, "--disable-warning=DEP0060", "--import", date, ...args],
          cwd: code,
          env: processEnvironment(),
        },
        join(folder, log),
      );
    this.sandbox = program(
      "The sandbox",
      "sandbox.log",
      "src/sandbox/run.ts",
      "-c",
      join(folder, "sandbox.yaml"),
    );
    this.bridge = program("The bridge", "printed.log", "src/cli.ts", "start", ...this.options);
    homeserver.state.listeners.add((event) => this.#happened(event));
  }

  static async start(
    place: Place,
    prepare: (homeserver: FakeHomeserver) => void = () => undefined,
  ): Promise<EarlierWorld> {
    await using stack = new AsyncDisposableStack();
    stack.use(await alone());
    const homeserver = await FakeHomeserver.start({ serverName, port: ports.homeserver });
    stack.use(homeserver);
    homeserver.recordRequests = false;
    homeserver.addPerson(ana, "Ana");
    prepare(homeserver);
    const world = new EarlierWorld(homeserver, place);
    stack.use(world.sandbox);
    stack.use(world.bridge);
    world.sandbox.start();
    await world.sandbox.ready(answers(`${world.control.origin}/_sandbox/v1`));
    world.#stack = stack.move();
    return world;
  }

  get options(): readonly string[] {
    return ["-c", join(this.#folder, "config.yaml"), "-r", join(this.#folder, "registration.yaml")];
  }

  async startBridge(): Promise<void> {
    const registration = (name: string): FakeRegistration =>
      parse(readFileSync(join(this.#folder, name), "utf8")) as FakeRegistration;
    this.homeserver.use(registration("registration.yaml"));
    this.homeserver.usePuppets(registration("doublepuppet-registration.yaml"));
    this.bridge.start();
    await this.bridge.ready(answers(`http://127.0.0.1:${ports.health}/ready`));
  }

  connected(network: "whatsapp" | "messenger"): Promise<void> {
    return untilConnected(this.control, network, ana);
  }

  room(id: string): FakeRoom {
    const room = this.homeserver.state.rooms.get(id);
    if (room === undefined) throw new Error(`There is no room ${id}`);
    return room;
  }

  /** Ana opens her chat with the bot; answers its room. */
  async openManagement(): Promise<string> {
    const wanted = { invite: [bot], is_direct: true };
    const { id } = createRoom(this.homeserver.state, ana, wanted, { forceEncryption: false, crash: false });
    await this.event("the bot's welcome", ({ room_id: room, sender }) => room === id && sender === bot);
    return id;
  }

  /** Ana says something to the bot; answers what it says then that matches. */
  async asks(room: string, text: string, matches: RegExp): Promise<FakeEvent> {
    const { stream } = this.says(room, { msgtype: "m.text", body: text });
    return this.event(
      `the bot's answer to ${text}`,
      (event) => event.stream > stream && event.sender === bot && matches.test(String(event.content["body"])),
    );
  }

  /** Ana writes into a room. */
  says(room: string, content: Readonly<Record<string, unknown>>, type = "m.room.message"): FakeEvent {
    return this.homeserver.state.append(this.room(room), ana, type, { ...content });
  }

  /** The first event that is as told, there already or to come. */
  event(what: string, isIt: (event: FakeEvent) => boolean, seconds = 60): Promise<FakeEvent> {
    return this.until(what, () => this.homeserver.state.timeline.find(isIt), seconds);
  }

  /** What `look` finds, asked again after each event. */
  async until<T>(what: string, look: () => T | undefined, seconds = 60): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const attempt = (): void => {
      const found = look();
      if (found !== undefined) resolve(found);
    };
    const timer = setTimeout(
      () => reject(new Error(`waited ${seconds} s in vain for ${what}`)),
      seconds * 1000,
    );
    this.#looks.add(attempt);
    attempt();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#looks.delete(attempt);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #happened({ type, state_key: user, content, room_id: room }: FakeEvent): void {
    if (type === "m.room.member" && user === ana && content["membership"] === "invite")
      setImmediate(() => joinRoom(this.homeserver.state, ana, room));
    for (const look of this.#looks) look();
  }
}
