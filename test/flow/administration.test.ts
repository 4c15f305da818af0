import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { LoginId, RoomId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

let world: FlowWorld;
let room: RoomId;

beforeEach(async () => {
  world = await FlowWorld.start();
  world.admins.add(BEN);
  room = await world.meets(BEN);
});
afterEach(() => world[Symbol.asyncDispose]());

async function answers(command: string): Promise<string> {
  await world.says(BEN, room, command);
  return world.homeserver.shown(room).at(-1) ?? "";
}

async function anasLogin(): Promise<LoginId> {
  const [login] = await world.store.logins.of(ANA, world.network.id);
  if (!login) throw new Error("no login");
  return login.id;
}

describe("an administrator's commands", () => {
  test.each(["logins", "queues", "dead-letters", "reconnect all", "remove @ben:test", "renew encryption"])(
    "“%s” is nobody else's",
    async (command) => {
      const { room: hers } = await world.optsIn(ANA);
      await world.says(ANA, hers, command);
      expect(world.homeserver.shown(hers).at(-1)).toBe(
        "bot: Only an administrator of this bridge can do that. Write “help” to see what you can do.",
      );
    },
  );

  test("renew what encrypts, where the bridge reads encrypted rooms", async () => {
    expect(await answers("renew")).toBe("bot: Write “renew encryption” to renew the sessions that encrypt.");
    expect(await answers("renew encryption")).toBe(
      "bot: The bridge reads no encrypted rooms, so there is nothing to renew.",
    );
    world.homeserver.secrecy.isOn = true;
    expect(await answers("renew encryption")).toMatch(/^bot: 1 user of mine gets a new session/);
  });

  test("list everybody's logins, with why one is not connected and what to do", async () => {
    expect(await answers("logins")).toContain("Nobody has turned a network on yet.");
    const { client } = await world.optsIn(ANA);
    const id = await anasLogin();
    expect(await answers("logins")).toBe(
      `bot: 1 login, 1 connected:\n• @ana:test on WhatsApp: connected. Login ${id}.`,
    );
    const trouble = {
      kind: "link",
      address: "https://x.test",
      what: "Its certificate has expired.",
      cure: "Renew it.",
    } as const;
    client.state = { kind: "waiting", words: "It does not answer.", trouble };
    expect(await answers("logins")).toBe(
      `bot: 1 login, 0 connected:\n• @ana:test on WhatsApp: not connected. Its certificate has expired. Renew it. Login ${id}.\n` +
        "Write “reconnect all” to connect anew at once, or “help reconnect” to see how for one of them.",
    );
    world.configured = false;
    await world.restart();
    expect(await answers("logins")).toContain("its network is not in the configuration.");
  });

  test("connect anew one login, a network's, or all of them", async () => {
    await world.optsIn(ANA);
    const id = await anasLogin();
    for (const which of [id, "whatsapp", "all"]) {
      const before = world.network.clientOf(ANA);
      expect(await answers(`reconnect ${which}`)).toBe(
        "bot: 1 login is being connected anew. Write “logins” to see how it goes.",
      );
      expect(before.isEnded).toBe(true);
      expect(world.network.clientOf(ANA)).not.toBe(before);
      expect(world.network.clientOf(ANA).isEnded).toBe(false);
    }
    const asked =
      "Write “reconnect all”, “reconnect whatsapp” or “reconnect” and a login as “logins” shows it.";
    expect(await answers("reconnect")).toBe(`bot: Which connections? ${asked}`);
    expect(await answers("reconnect nothing")).toBe(
      `bot: There is no login and no network “nothing”. ${asked}`,
    );
  });

  test("do not connect a login that is turned off meanwhile", async () => {
    await world.optsIn(ANA);
    const id = await anasLogin();
    await world.store.write((tx) => tx.logins.setState(id, "leaving"));
    expect(await answers(`reconnect ${id}`)).toContain("0 logins are being connected anew. 1 login cannot");
  });

  test("show what waits and what was given up, and nothing that anybody wrote", async () => {
    expect(await answers("queues")).toContain("All has crossed.");
    expect(await answers("dead-letters")).toContain("Nothing was given up");
    const { client } = await world.optsIn(ANA);
    await client.says("Bram", "m1", "hello");
    await settle();
    const { room: chat } = await world.portal(ANA, "Bram");
    const error = new BridgeError("gone", { words: "It was refused.", certain: true });
    client.faults.push({ when: "before", error });
    const event = await world.says(ANA, chat, "canary");
    const letters = await answers("dead-letters 5");
    expect(letters).toContain(`to the network: gone. ${event}, login ${await anasLogin()}`);
    expect(letters).not.toContain("canary");
    expect(await answers("dead-letters none")).toContain("such as “dead-letters 20”");
    client.state = { kind: "waiting", words: "away" };
    await world.says(ANA, chat, "canary again");
    const queues = await answers("queues");
    expect(queues).toContain("• To the networks: 1 in 1 chat.");
    expect(queues).toContain("What waits is tried again by itself.");
  });
});
