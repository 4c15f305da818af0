import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import type { ChatId } from "../../src/core/model/ids.ts";
import type { Login } from "../../src/core/ports/rows.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { signalFamily } from "../../src/networks/signal/records.ts";
import { openStore } from "../../src/store/open.ts";
import { processEnvironment } from "../../tools/process/environment.ts";
import { type Person, textOf } from "../../tools/signal-mock/person.ts";
import type { PlayedGroup } from "../../tools/signal-mock/played-group.ts";
import { quietLog } from "../kit/interop-world.ts";
import { chatOfGroup } from "../kit/signal/group-stage.ts";
import { LinkingWorld } from "../kit/signal/linking.ts";
import { chatOf } from "../kit/signal/signal-session.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

/** How often the bridge is killed; a hundred take some three minutes. */
const KILLS = Number(process.env["SIGNAL_KILLS"] ?? 10);
const TALKS = 4;
const program = fileURLToPath(new URL("./signal-session.ts", import.meta.url));

/** A bridge's process, started ahead of its time: what it takes to load is not what is tried here. */
class Bridge {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #up = Promise.withResolvers<void>();
  #steps = 0;
  #step = Promise.withResolvers<void>();
  /** With the signal that ended it. */
  readonly #gone: Promise<NodeJS.Signals | null>;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [program, ...args], { env: processEnvironment() });
    this.#child.stderr.pipe(process.stderr);
    this.#gone = new Promise((resolve) => this.#child.once("exit", (_, signal) => resolve(signal)));
    this.#up.promise.catch(() => undefined);
    void this.#gone.then(() => this.#up.reject(new Error("a bridge's process ended before it was up")));
    createInterface(this.#child.stdout).on("line", (line) => {
      if (line === "up") this.#up.resolve();
      if (line !== "sealed" && line !== "sent") return;
      this.#steps += 1;
      this.#step.resolve();
      this.#step = Promise.withResolvers();
    });
  }

  async goes(): Promise<void> {
    this.#child.stdin.write("go\n");
    await this.#up.promise;
  }

  /** Resolves when its sends have gone so many steps, each from one commit to the next. */
  async takes(steps: number): Promise<void> {
    while (this.#steps < steps) await this.#step.promise;
  }

  async dies(): Promise<void> {
    this.#child.kill("SIGKILL");
    expect(await this.#gone).toBe("SIGKILL");
  }
}

/** Every text of ours that the contact's phone was sent, each once, in the order in which it first came. */
const heardTexts = ({ journal }: Person): readonly string[] => [
  ...new Set(
    journal.entries.flatMap((heard) => textOf(heard) ?? []).filter((text) => text.startsWith("out ")),
  ),
];

/** A phone that the bridge is linked to, a contact, and what came from both, in order. */
class Talk {
  readonly phone: Person;
  readonly contact: Person;
  readonly login: Login;
  /** In which they talk, with others; else they talk alone. */
  readonly group: PlayedGroup | undefined;
  readonly said: string[] = [];

  constructor(phone: Person, contact: Person, login: Login, group?: PlayedGroup) {
    this.phone = phone;
    this.contact = contact;
    this.login = login;
    this.group = group;
  }

  get chat(): ChatId {
    return this.group ? chatOfGroup(this.group) : chatOf(this.contact);
  }

  /** Who gets what the bridge sends. */
  get hearers(): readonly Person[] {
    return this.group ? [...this.group.people].filter((person) => person !== this.phone) : [this.contact];
  }

  /** `acknowledged` resolves when the bridge has acknowledged it, which it may only after a restart. */
  async says(): Promise<{ readonly acknowledged: Promise<unknown> }> {
    const { phone, contact, said, group } = this;
    const text = `in ${said.length}`;
    said.push(text);
    const isOwn = said.length % 4 === 0;
    const sent = group
      ? await (isOwn ? group.writesFromPhone(phone, { body: text }) : group.says(contact, text))
      : await (isOwn ? phone.writesFromPhone(contact, text) : contact.says(phone, text));
    return { acknowledged: sent.acknowledged.catch(() => undefined) };
  }

  async saysSome(): Promise<void> {
    for (let each = 0; each < 3; each += 1) await this.says();
  }

  /** The messages that the bridge has stored, in order. */
  async arrived(store: Store): Promise<readonly string[]> {
    const lane = { login: this.login.id, chat: this.chat };
    const rows = await store.networkInbox.next(lane, 10_000, 2 ** 30);
    return rows.flatMap(({ event }) => {
      if (event.kind === "renamed" || event.kind === "group-name") return [];
      if (event.kind !== "message") return [event.kind];
      return event.message.parts.flatMap((part) => (part.kind === "text" ? [part.body.text] : [part.kind]));
    });
  }
}

test(
  `kill -9 ${KILLS} times, ${TALKS} accounts each, one of them in a group that gets names: between decryption, commit and acknowledgement, and in sends, nothing is lost, nothing twice, and all in order`,
  async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/bridge.db`;
    await using world = await LinkingWorld.start({ path });
    const talks: Talk[] = [];
    for (let each = 0; each < TALKS; each += 1) {
      const phone = await world.mock.person(`Ana ${each}`);
      const { login } = await world.linked(phone);
      const contact = await world.mock.person(`Wim ${each}`);
      const third = each === 0 ? await world.mock.person("Cas") : undefined;
      const group = third && (await world.mock.createGroup("group", contact, phone, third));
      if (group)
        await world.store.write((tx) =>
          tx.family(signalFamily).addGroup(login.id, chatOfGroup(group), group.masterKey),
        );
      talks.push(new Talk(phone, contact, login, group));
    }
    await world.store[Symbol.asyncDispose]();
    const logins = talks.map(({ login, chat }) => ({ login: login.id, chat }));
    const args = [path, JSON.stringify(world.mock.section), JSON.stringify(logins), `${Date.now()}`];
    const next = () => new Bridge(args);
    let [bridge, spare] = [next(), next()];
    await bridge.goes();
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Some die at once, with what had waited for them, some in the middle of talk, between the commit of a send and its
      // answer or after it, and of some the server does not know what they have committed.
      world.mock.server.faults.losesAcks = kill % 2 === 1;
      const talking = Promise.all(talks.map((talk) => talk.saysSome()));
      await bridge.takes((kill * 5) % 26);
      await bridge.dies();
      world.mock.server.faults.losesAcks = false;
      await talking;
      [bridge, spare] = [spare, next()];
      await bridge.goes();
    }
    const last = await Promise.all(talks.map((talk) => talk.says()));
    await Promise.all(last.map(({ acknowledged }) => acknowledged));
    for (const { contact } of talks) {
      const before = heardTexts(contact).length;
      await contact.journal.find(
        "more from the one that lives",
        () => heardTexts(contact).length > before + 3,
      );
    }
    await bridge.dies();
    await spare.dies();
    await using store = openStore({ path, log: quietLog });
    let sends = 0;
    for (const talk of talks) {
      expect(await talk.arrived(store)).toEqual(talk.said);
      for (const hearer of talk.hearers) {
        const heard = heardTexts(hearer);
        expect(heard).toEqual(heard.map((_, index) => `out ${index}`));
        sends += heard.length;
      }
      if (!talk.group) continue;
      const { version } = await talk.group.state();
      const done = Number(await store.records.get("chaos", talk.login.id));
      // Each name was given once, the last of them perhaps in the moment of the end.
      expect([Math.ceil(done / 3), Math.floor(done / 3) + 1]).toContain(version);
    }
    expect(sends).toBeGreaterThan(KILLS * TALKS);
  },
  60_000 + KILLS * 4_000,
);
