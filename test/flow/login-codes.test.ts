import { describe, expect, test } from "@jest/globals";
import { ANA, BEN, type FlowWorld } from "../kit/flow-world.ts";
import { CODE_TIME, type LinkedNetwork, RIGHT_CODE } from "../kit/linked-network.ts";
import { LinkedWorld, QUILL } from "../kit/linked-world.ts";

describe("logging in by a code that is scanned", () => {
  test("the code is a picture that is replaced when it expires, and taken away when it was used", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    expect(it.codesIn(room)).toEqual([quill.codes[0]]);
    await world.clock.advance(CODE_TIME);
    expect(quill.codes).toHaveLength(2);
    expect(it.codesIn(room)).toEqual([quill.codes[1]]);
    quill.scan("+31611");
    await world.clock.advance(1_000);
    expect(it.codesIn(room)).toEqual([]);
    expect(world.homeserver.shown(room).slice(-2)).toEqual([
      expect.stringContaining("Quill is linking this bridge. Write “cancel” to end this."),
      expect.stringContaining("Quill is on and connected. Your contacts see you as +31611."),
    ]);
    const [login] = await world.store.logins.of(ANA, QUILL);
    expect(login).toMatchObject({ state: "active", visibleId: "+31611", consentVersion: 1 });
    expect(quill.open).toBe(0);
    expect(world.errors).toEqual([]);
  });

  test("its words say what to do, and the code is nowhere in text or in the database", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    expect(it.last(room)).toContain("Scan this with Quill on your phone. It is renewed by itself.");
    const said = world.homeserver.shown(room).join("\n");
    for (const code of quill.codes) expect(said).not.toContain(code);
    expect(it.database()).not.toContain("quill://link");
  });

  test.each([
    ["nobody scans it", "Nobody scanned the code.", (world: FlowWorld) => world.clock.advance(6 * CODE_TIME)],
    [
      "the phone refuses",
      "This bridge is too old for your Quill.",
      async (world: FlowWorld, quill: LinkedNetwork) => {
        quill.refuses("This bridge is too old for your Quill.");
        await world.clock.advance(1_000);
      },
    ],
  ])("where %s it is said, nothing is on, and it can be begun again", async (_, words, act) => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    await act(world, quill);
    expect(it.last(room)).toBe(`bot: Quill is not turned on. ${words} Write “enable quill” to begin again.`);
    expect(it.codesIn(room)).toEqual([]);
    expect(await world.store.logins.of(ANA, QUILL)).toEqual([]);
    expect(quill.open).toBe(0);
    await world.says(ANA, room, "enable quill qr");
    await world.says(ANA, room, "yes");
    quill.scan("+31611");
    await world.clock.advance(1_000);
    expect(it.last(room)).toContain("Quill is on and connected");
  });

  test("a network that neither renews a code nor ends is not waited for", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    quill.answers = new Promise(() => {});
    quill.scan("+31611");
    await world.clock.advance(1_000);
    expect(it.last(room)).toContain("linking this bridge");
    await world.clock.advance(1_000_000);
    expect(it.last(room)).toContain("I heard nothing from you for a while");
    expect(quill.open).toBe(0);
  });

  test("cancel takes the code away, and a scan after that links nothing", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    await world.says(ANA, room, "cancel");
    expect(it.last(room)).toBe(
      "bot: That was ended, and nothing was turned on. Write “enable quill” to begin with Quill again.",
    );
    expect(it.codesIn(room)).toEqual([]);
    quill.scan("+31611");
    await world.clock.advance(10 * CODE_TIME);
    expect(await world.store.logins.of(ANA, QUILL)).toEqual([]);
    expect(quill.codes).toHaveLength(1);
    await world.says(ANA, room, "cancel");
    expect(it.last(room)).toContain("There is nothing to end.");
  });

  test("a code whose picture is still on its way when that is cancelled is not shown", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable quill qr");
    const gate = Promise.withResolvers<void>();
    world.homeserver.before = () => gate.promise;
    await world.says(ANA, room, "yes");
    await world.clock.advance(2_000);
    expect(quill.codes).toHaveLength(1);
    await world.says(ANA, room, "cancel");
    expect(quill.open).toBe(0);
    world.homeserver.before = async () => {};
    gate.resolve();
    await world.clock.advance(2_000);
    const sent = world.homeserver.room(room).events.map(({ send }) => send.content["msgtype"]);
    expect(sent).not.toContain("m.image");
    expect(it.last(room)).toContain("That was ended, and nothing was turned on.");
  });

  test("an account that the network made while it was cancelled is taken back", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    const slow = Promise.withResolvers<void>();
    quill.answers = slow.promise;
    quill.scan("+31611");
    await world.clock.advance(1_000);
    await world.says(ANA, room, "cancel");
    slow.resolve();
    await world.clock.advance(1_000);
    expect(quill.linked.size).toBe(0);
    expect(await world.store.logins.of(ANA, QUILL)).toEqual([]);
    expect(it.last(room)).toContain("That was ended");
  });

  test.each(["restart", "crash"] as const)(
    "a %s in the middle is told in words, and the code is gone",
    async (how) => {
      await using it = await LinkedWorld.start();
      const { world, quill } = it;
      const room = await it.scanning(ANA);
      await world[how]();
      expect(it.codesIn(room)).toEqual([]);
      const told = world.homeserver.shown(room).filter((said) => said.includes("has to be begun again"));
      expect(told).toEqual([
        "bot: The bridge was restarted while you were turning Quill on, so that has to be begun again: write “enable quill”.",
      ]);
      quill.scan("+31611");
      await world.clock.advance(1_000);
      expect(await world.store.logins.of(ANA, QUILL)).toEqual([]);
      await world.restart();
      expect(world.homeserver.shown(room).filter((said) => said.includes("begun again"))).toEqual(told);
    },
  );

  test("a notice that was not answered can be answered after a restart", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable quill phone");
    await world.restart();
    await world.says(ANA, room, "yes");
    expect(it.last(room)).toContain("Quill sends a code to your phone. Write your phone number");
    expect(quill.codes).toEqual([]);
  });

  test("a notice that an earlier version of the bridge showed can be answered, by who said where they live", async () => {
    await using it = await LinkedWorld.start();
    const { world } = it;
    const room = await world.meets(ANA);
    await world.store.write((tx) => {
      tx.records.set("consent-asked", ANA, "whatsapp 1");
      tx.records.set("residence", ANA, "elsewhere 2026-11-01");
    });
    await world.says(ANA, room, "yes");
    expect(it.last(room)).toContain(
      "European Economic Area only, by their operator's terms, so they stay off.",
    );
    await world.says(ANA, room, "yes NL");
    expect(it.last(room)).toContain("WhatsApp is on and connected");
    expect(await world.store.records.get("consent-asked", ANA)).toBeUndefined();
  });

  test("a yes to a notice that changed meanwhile agrees to nothing", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable quill qr");
    quill.notice = { version: 2, paragraphs: ["Quill learns more."] };
    await world.says(ANA, room, "yes");
    expect(it.last(room)).toBe(
      "bot: The notice changed since you read it. Write “enable quill” to read it again.",
    );
    await world.says(ANA, room, "yes");
    expect(it.last(room)).toContain("There is nothing to say yes to.");
    expect(quill.codes).toEqual([]);
    expect(quill.open).toBe(0);
  });

  test("a restart while the homeserver is away is told when it is back", async () => {
    await using it = await LinkedWorld.start();
    const { world } = it;
    const room = await it.scanning(ANA);
    await world.stops();
    world.homeserver.away = true;
    await world.starts();
    expect(it.codesIn(room)).toHaveLength(1);
    world.homeserver.away = false;
    world.bridge.homeserverBack();
    await world.clock.advance(60_000);
    expect(it.codesIn(room)).toEqual([]);
    expect(it.last(room)).toContain("has to be begun again: write “enable quill”.");
  });

  test.each(["link", "code"] as const)(
    "a %s is shown in words, and taken away when it was used",
    async (kind) => {
      await using it = await LinkedWorld.start();
      const { world, quill } = it;
      quill.shows = kind;
      const room = await it.scanning(ANA);
      const texts = () => world.homeserver.room(room).timeline.map(({ content }) => content["body"]);
      expect(texts()).toContain(
        `Scan this with Quill on your phone. It is renewed by itself. Write “cancel” to end this.\n${quill.codes[0]}`,
      );
      quill.scan("+31611");
      await world.clock.advance(1_000);
      expect(it.last(room)).toContain("Quill is on and connected");
      expect(texts().filter((text) => String(text).includes("quill://"))).toEqual([]);
    },
  );

  test("another network that is begun meanwhile takes its place", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    await world.says(ANA, room, "enable whatsapp");
    expect(it.codesIn(room)).toEqual([]);
    expect(quill.open).toBe(0);
    await world.says(ANA, room, "yes");
    expect(it.last(room)).toContain("WhatsApp is on and connected");
  });

  test("two people do it at once, each with a code of their own", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const ana = await it.scanning(ANA);
    const ben = await world.meets(BEN);
    await world.says(BEN, ben, "enable quill phone");
    await world.says(BEN, ben, "yes");
    expect(it.codesIn(ben)).toEqual([]);
    quill.scan("+31611");
    await world.clock.advance(1_000);
    await world.says(BEN, ben, "+31622222222");
    await world.says(BEN, ben, RIGHT_CODE);
    expect(it.last(ana)).toContain("Your contacts see you as +31611");
    expect(it.last(ben)).toContain("Your contacts see you as +31622222222");
  });
});
