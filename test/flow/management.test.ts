import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../src/core/model/content.ts";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, PersonId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { toMatrix } from "../contract/store-fixtures.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const down = (words: string) =>
  new BridgeError("remote-unreachable", { words, certain: true, retryAfter: 0 });

const bram = (reachability: "reachable" | "off") => ({
  kind: "found" as const,
  contact: { person: "Bram" as PersonId, chat: "Bram" as ChatId, name: "Bram", reachability },
});

describe("the management room", () => {
  test("help lists every command, and what is not one is answered too", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    await world.says(ANA, room, "help");
    for (const name of ["networks", "enable", "disable", "status", "start-chat"]) {
      expect(world.homeserver.shown(room).at(-1)).toContain(`“${name}”`);
    }
    await world.says(ANA, room, "frobnicate");
    expect(world.homeserver.shown(room).at(-1)).toContain("“help”");
    const event = world.text(ANA, room, "");
    if (event.kind === "message") await world.push({ ...event, message: { ...event.message, parts: [] } });
    expect(world.homeserver.shown(room).at(-1)).toBe(
      "bot: I read text only. Write “help” to see what I can do.",
    );
  });

  test.each([
    ["an unknown command", `${"x".repeat(39)}😀 more`, `I do not know “${"x".repeat(39)}…”.`],
    ["a country", `country ${"x".repeat(39)}😀`, `I know no country called “${"x".repeat(39)}…”.`],
    ["a contact", `block whatsapp ${"x".repeat(59)}😀`, `no chat with “${"x".repeat(59)}…” on WhatsApp.`],
    ["a network", `enable ${"x".repeat(39)}😀`, `There is no network “${"x".repeat(39)}…” here.`],
    ["families", `block whatsapp ${"👨‍👩‍👧‍👦".repeat(9)}`, `“${"👨‍👩‍👧‍👦".repeat(5)}…”`],
    ["half an emoji", "\ud83d", "I do not know “\ufffd”."],
    ["a pile of marks", "a\u0301\u0316".repeat(20_000), "I do not know “"],
  ])("what is repeated of %s in an answer is cut between characters", async (_, said, answer) => {
    await using world = await FlowWorld.start();
    const { room } = await world.optsIn(ANA);
    await world.says(ANA, room, said);
    const shown = world.homeserver.shown(room).at(-1) ?? "";
    expect(shown).toContain(answer);
    expect(shown.isWellFormed()).toBe(true);
  });

  test("an encrypted direct chat is answered with why, and an invitation to a plain one", async () => {
    await using world = await FlowWorld.start();
    const room = world.homeserver.personMakes("locked", ANA, "invite");
    world.homeserver.room(room).encrypted = true;
    await world.invitesBot(ANA, room);
    expect(world.homeserver.shown(room).at(-1)).toContain("cannot read encrypted");
    const own = await world.store.rooms.of(ANA);
    expect(own).not.toBe(room);
    expect(own && world.homeserver.room(own).members.get(ANA)).toBe("invite");
    if (own) await world.says(ANA, own, "networks");
    expect(own && world.homeserver.shown(own).at(-1)).toContain("WhatsApp (whatsapp): off");
  });

  test("in a room of more than two the bot says where it works, and leaves", async () => {
    await using world = await FlowWorld.start();
    const room = world.homeserver.personMakes("group", ANA, "invite");
    world.homeserver.room(room).members.set(BEN, "join");
    await world.invitesBot(ANA, room, { direct: false });
    expect(world.homeserver.shown(room)).toEqual([expect.stringContaining("I work in direct chats only")]);
    expect(world.homeserver.room(room).members.get(world.homeserver.bot)).toBe("leave");
  });

  test("somebody without permission is not answered with anything to use", async () => {
    await using world = await FlowWorld.start();
    const eve = "@eve:elsewhere" as UserId;
    const room = await world.meets(eve);
    expect(world.homeserver.room(room).members.get(world.homeserver.bot)).toBe("leave");
    await world.says(eve, room, "enable whatsapp");
    await world.says(eve, room, "yes");
    expect(world.network.enlisted.size).toBe(0);
  });

  test("start-chat opens a chat with who can be reached, and says why not otherwise", async () => {
    await using world = await FlowWorld.start();
    const { room } = await world.optsIn(ANA);
    await world.says(ANA, room, "start-chat whatsapp +31611111111");
    expect(world.homeserver.shown(room).at(-1)).toBe("bot: Nobody there.");
    world.network.contacts.set("+31611111111", bram("off"));
    await world.says(ANA, room, "start-chat whatsapp +31611111111");
    expect(world.homeserver.shown(room).at(-1)).toContain("third-party chats are turned off");
    world.network.contacts.set("+31611111111", bram("reachable"));
    await world.says(ANA, room, "start-chat whatsapp +31611111111");
    const portal = await world.portal(ANA, "Bram");
    expect(world.homeserver.room(portal.room).members.get(ANA)).toBe("invite");
  });

  test("a refusal of the network is the answer, and yes can be said again", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    world.network.enlistFault = new BridgeError("forbidden", { words: "Only in the EEA.", certain: true });
    await world.says(ANA, room, "enable whatsapp");
    await world.says(ANA, room, "yes");
    expect(world.homeserver.shown(room).at(-1)).toBe("bot: Only in the EEA.");
    world.network.enlistFault = undefined;
    await world.says(ANA, room, "yes");
    expect(world.network.enlisted.has(ANA)).toBe(true);
  });

  test("turning a network off closes its chats, also when the network confirms it later", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, management: room } = flow;
    const portal = await world.portal(ANA, "Bram");
    world.network.delistFault = down("No answer.");
    await world.says(ANA, room, "disable whatsapp yes");
    expect(world.homeserver.shown(room).at(-1)).toContain("keep asking");
    await settle();
    expect(world.homeserver.room(portal.room).archived).toBe(true);
    const [login] = await world.store.logins.of(ANA, world.network.id);
    expect(login?.state).toBe("leaving");
    expect(await world.store.portals.byChat({ login: portal.login, chat: portal.chat })).toBeUndefined();
    await world.restart();
    expect(world.network.enlisted.has(ANA)).toBe(true);
    world.network.delistFault = undefined;
    await world.clock.advance(120_000);
    expect(world.network.enlisted.has(ANA)).toBe(false);
    await world.says(ANA, portal.room, "hello?");
    expect(world.homeserver.shown(portal.room).at(-1)).toContain("This chat is closed");
    expect(client.received.size).toBe(0);
  });

  test("enabling again makes a new room", async () => {
    await using flow = await OpenFlow.begin();
    const { world, management: room } = flow;
    const before = await world.portal(ANA, "Bram");
    await world.says(ANA, room, "disable whatsapp yes");
    await world.says(ANA, room, "enable whatsapp");
    await world.says(ANA, room, "yes");
    await world.network.clientOf(ANA).says("Bram", "2", "back");
    await settle();
    const after = await world.portal(ANA, "Bram");
    expect(after.room).not.toBe(before.room);
    expect(world.homeserver.shown(after.room)).toEqual(["Bram: back"]);
  });

  test("a yes that was carried out, but answered by no one, is answered when it comes again", async () => {
    await using world = await FlowWorld.start();
    const { room } = await world.optsIn(ANA);
    const [told] = world.homeserver.shown(room).slice(-1);
    await world.says(ANA, room, "yes");
    expect(told).toContain("WhatsApp is on and connected");
    expect(world.homeserver.shown(room).slice(-2)).toEqual([told, told]);
  });

  test("what is said where the bot may not look is no command, and holds nothing up", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    const elsewhere = "!elsewhere" as RoomId;
    const { homeserver } = world;
    const members = homeserver.members.bind(homeserver);
    homeserver.members = async (of) => {
      if (of !== elsewhere) return members(of);
      throw new BridgeError("forbidden", { words: "The homeserver does not allow it.", certain: true });
    };
    await world.says(ANA, elsewhere, "help");
    await world.says(ANA, room, "version");
    expect(await world.store.matrixInbox.count()).toBe(0);
    expect(world.errors).toEqual([]);
  });

  test("a report is handed over once, whatever ends the bridge meanwhile, and its person knows where it stands", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, management: room } = flow;
    const last = () => world.homeserver.shown(room).at(-1);
    await world.says(ANA, room, "report whatsapp Bram");
    expect(client.reports).toEqual([]);
    const reports: string[] = [];
    const crashing = (taken: boolean) => {
      const now = world.network.clientOf(ANA);
      now.report = async (person) => {
        if (taken) reports.push(person);
        await new Promise(() => {});
      };
    };
    for (const taken of [true, false]) {
      crashing(taken);
      await world.says(ANA, room, "report whatsapp Bram yes");
      await world.crash();
      await settle();
      expect(last()).toMatch(/not known whether WhatsApp has the report.*once more/);
      expect(world.network.clientOf(ANA).reports).toEqual([]);
    }
    expect(reports).toEqual(["Bram"]);
    await world.says(ANA, room, "report whatsapp Bram yes");
    expect(last()).toContain("Bram was reported");
    expect(world.network.clientOf(ANA).reports).toHaveLength(1);
  });

  test("a report that was taken and answered by no one is answered, and not handed over again", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, management: room } = flow;
    const event = world.text(ANA, room, "report whatsapp Bram yes");
    await world.store.write((tx) => tx.records.set("reports", event.id, "done"));
    await world.push(event);
    expect(world.homeserver.shown(room).at(-1)).toContain("Bram was reported");
    expect(client.reports).toEqual([]);
  });

  test("a network that does not answer a command is named as that", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, management: room } = flow;
    client.setBlocked = () => Promise.reject(down("The message is sent later."));
    await world.says(ANA, room, "block whatsapp Bram");
    expect(world.homeserver.shown(room).at(-1)).toMatch(/did not answer.*try again/);
  });

  test("all that waited for a management room that is gone is said in a new one, once", async () => {
    for (let turns = 0; turns < 40; turns += 4) {
      await using world = await FlowWorld.start();
      const { room } = await world.optsIn(ANA);
      world.homeserver.rooms.delete("dm-ana");
      const said = ["one", "two", "three"];
      await world.store.write((tx) => {
        for (const body of said) {
          const content = { msgtype: "m.notice", body };
          tx.matrixOutbox.add(toMatrix(body, { room, sender: world.homeserver.bot, content }));
        }
      });
      await world.restart();
      for (let turn = 0; turn < turns; turn += 1) await new Promise((done) => setImmediate(done));
      await world.crash();
      await world.clock.advance(60_000);
      await world.says(ANA, (await world.store.rooms.of(ANA)) ?? (await world.meets(ANA)), "version");
      const fresh = await world.store.rooms.of(ANA);
      const answers = world.homeserver.shown(fresh as RoomId).filter((line) => !line.includes("Hello!"));
      expect(answers).toEqual([...said, "Version test."].map((words) => `bot: ${words}`));
    }
  }, 60_000);

  test("where more waited than is kept, the rest is said, and how many came before", async () => {
    await using world = await FlowWorld.start();
    const { room } = await world.optsIn(ANA);
    world.homeserver.away = true;
    for (let n = 0; n < 60; n++) await world.says(ANA, room, `nonsense${n}`);
    world.homeserver.rooms.delete("dm-ana");
    world.homeserver.away = false;
    await world.clock.advance(60_000);
    const fresh = await world.store.rooms.of(ANA);
    const said = world.homeserver.shown(fresh as RoomId);
    expect(said[0]).toContain("10 earlier answers");
    expect(said.slice(1).map((line) => /nonsense\d+/.exec(line)?.[0])).toEqual(
      Array.from({ length: 50 }, (_, n) => `nonsense${n + 10}`),
    );
  });
});

test("a command that was changed is answered each time: it is to be written anew", async () => {
  await using world = await FlowWorld.start();
  const room = await world.meets(ANA);
  const target = await world.says(ANA, room, "enabel whatsapp");
  const { message } = world.text(ANA, room, "enable whatsapp") as { readonly message: Message };
  const before = world.homeserver.shown(room).length;
  for (let n = 0; n < 2; n++) {
    await world.push({
      kind: "edit",
      room,
      sender: ANA,
      id: world.newEventId(),
      at: world.clock.now(),
      target,
      message,
    });
  }
  expect(world.homeserver.shown(room).slice(before)).toEqual(
    Array(2).fill(expect.stringContaining("write it anew")),
  );
  expect(await world.store.logins.all()).toEqual([]);
});
