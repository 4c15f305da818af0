import { describe, expect, test } from "@jest/globals";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { LinkedWorld, QUILL } from "../kit/linked-world.ts";
import { settle } from "../kit/virtual-clock.ts";

describe("several accounts on a network", () => {
  async function twoAccounts() {
    const it = await LinkedWorld.start();
    await it.links(ANA, "+31611");
    const room = await it.links(ANA, "+31622");
    return { it, room };
  }

  test("are each shown, and a command says which are meant", async () => {
    const { it, room } = await twoAccounts();
    await using _ = it;
    const { world, quill } = it;
    await world.says(ANA, room, "status");
    expect(it.last(room)).toContain(
      "• Quill (quill/+31611): on and connected; your contacts see you as +31611.",
    );
    expect(it.last(room)).toContain(
      "• Quill (quill/+31622): on and connected; your contacts see you as +31622.",
    );
    await world.says(ANA, room, "networks");
    expect(it.last(room)).toContain(
      "• Quill (quill): on for 2 accounts of yours. Write “status” to see each.",
    );
    for (const [command, answer] of [
      ["disable quill", "• “disable quill/+31611”\n• “disable quill/+31622”"],
      ["capabilities quill", "• “capabilities quill/+31611”\n• “capabilities quill/+31622”"],
      ["start-chat quill Zoe", "• “start-chat quill/+31611 Zoe”\n• “start-chat quill/+31622 Zoe”"],
      ["disable quill/+31633", "There is: +31611 (quill/+31611), +31622 (quill/+31622)."],
    ] as const) {
      await world.says(ANA, room, command);
      expect(it.last(room)).toContain(answer);
    }
    await world.says(ANA, room, "disable quill/+31611 yes");
    expect(it.last(room)).toContain("Quill for +31611 is off");
    expect(Array.from(quill.linked.values())).toEqual(["+31622"]);
    await world.says(ANA, room, "disable quill yes");
    expect(it.last(room)).toContain("Quill is off: your registration there");
  });

  test("a contact of one of them is found without saying which", async () => {
    const { it, room } = await twoAccounts();
    await using _ = it;
    const { world, quill } = it;
    const contact = { person: "Zoe" as PersonId, chat: "Zoe" as ChatId, name: "Zoe" };
    quill.contacts.set("Zoe", { kind: "found", contact: { ...contact, reachability: "reachable" } });
    await world.says(ANA, room, "start-chat quill/+31622 Zoe");
    expect(it.last(room)).toContain("The chat with Zoe is open");
    await world.says(ANA, room, "mute quill Zoe");
    expect(it.last(room)).toContain("“unmute quill/+31622 Zoe”");
    await world.says(ANA, room, "start-chat quill/+31611 Zoe");
    await world.says(ANA, room, "mute quill Zoe");
    expect(it.last(room)).toContain("“mute quill/+31611 Zoe”");
    expect(it.last(room)).toContain("“mute quill/+31622 Zoe”");
    await world.says(ANA, room, "unmute quill/+31622 Zoe");
    expect(it.last(room)).toContain("If you left the chat with Zoe");
  });

  test("where a network allows one, the account that another takes the place of is not connected any more", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    await it.links(ANA, "+31611");
    const client = quill.clientOf(ANA);
    await it.scanning(ANA);
    Reflect.set(quill, "logins", "one");
    quill.scan("+31622");
    await world.clock.advance(1_000);
    expect(await world.store.logins.all()).toMatchObject([{ visibleId: "+31622" }]);
    expect(client.isEnded).toBe(true);
    expect(quill.clientOf(ANA).isEnded).toBe(false);
  });

  test("an account that is taken back while it is linked again is not on", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    await it.links(ANA, "+31611");
    const [before] = await world.store.logins.of(ANA, QUILL);
    if (!before) throw new Error("nothing is linked");
    const room = await it.scanning(ANA);
    world.overtakes("login-exists", (tx) => tx.logins.remove(before.id));
    quill.scan("+31611");
    await world.clock.advance(1_000);
    expect(await world.store.logins.all()).toEqual([]);
    expect(quill.linked.size).toBe(0);
    expect(it.last(room)).toContain(
      "Quill was turned off meanwhile. Write “enable quill” to turn it on again.",
    );
    expect(it.codesIn(room)).toEqual([]);
  });

  test("an account that was turned off while it is linked again is taken back when it is linked", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    await it.links(ANA, "+31611");
    const room = await it.scanning(ANA);
    const slow = Promise.withResolvers<void>();
    quill.answers = slow.promise;
    quill.scan("+31611");
    await world.clock.advance(1_000);
    await world.says(ANA, room, "disable quill yes");
    expect(quill.linked.size).toBe(0);
    slow.resolve();
    await world.clock.advance(1_000);
    expect(quill.linked.size).toBe(0);
    expect(await world.store.logins.all()).toEqual([]);
    expect(it.last(room)).toContain("Quill is off");
  });

  test("an account that is linked again goes on in its rooms", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.links(ANA, "+31611");
    await quill.clientOf(ANA).says("Zoe", "1", "hello");
    await settle();
    const [before] = await world.store.logins.of(ANA, QUILL);
    await it.links(ANA, "+31611");
    const logins = await world.store.logins.of(ANA, QUILL);
    expect(logins.map(({ id }) => id)).toEqual([before?.id]);
    await quill.clientOf(ANA).says("Zoe", "2", "again");
    await settle();
    const portals = await world.store.portals.ofLogin(logins[0]?.id ?? ("" as never));
    expect(portals.map(({ room: of }) => of && world.homeserver.shown(of))).toEqual([
      [expect.stringContaining("hello"), expect.stringContaining("again")],
    ]);
    await world.says(ANA, room, "status");
    expect(it.last(room)).toContain("• Quill: on and connected");
  });

  test("a newer notice is agreed to once for all of them, and makes no account", async () => {
    const { it, room } = await twoAccounts();
    await using _ = it;
    const { world, quill } = it;
    quill.notice = { version: 2, paragraphs: ["Quill learns more."] };
    await world.says(ANA, room, "enable quill qr");
    await world.says(ANA, room, "yes");
    const logins = await world.store.logins.of(ANA, QUILL);
    expect(logins.map(({ consentVersion }) => consentVersion)).toEqual([2, 2]);
    expect(quill.linked.size).toBe(2);
    expect(it.codesIn(room)).toEqual([]);
  });

  test("and one that is refused is told of by its own name", async () => {
    const { it, room } = await twoAccounts();
    await using _ = it;
    const [first] = await it.world.store.logins.of(ANA, QUILL);
    const client = it.quill.clients.get(first?.id ?? ("" as never));
    client?.sink.state({ kind: "refused", words: "Your phone removed this bridge." });
    await settle();
    expect(it.last(room)).toBe(
      "bot: Quill (quill/+31611) refused the connection. Your phone removed this bridge.",
    );
  });
});

test("an account that the person uses in the network's own app too is spoken of as one with this bridge as a device", async () => {
  await using it = await LinkedWorld.start();
  const { world, quill } = it;
  quill.ownApp = true;
  const room = await it.links(ANA, "+31611");
  expect(it.last(room)).toContain(
    "Quill is on and connected. This bridge is a device of your account +31611.",
  );
  await world.says(ANA, room, "status");
  expect(it.last(room)).toContain("on and connected; this bridge is a device of your account +31611.");
  const client = quill.clientOfAccount("+31611");
  client.state = { kind: "refused", words: "Your phone unlinked this bridge. Write “enable quill” again." };
  await world.says(ANA, room, "status");
  // Turned off, it would lose its rooms.
  expect(it.last(room)).toContain(
    "on, but not connected. Your phone unlinked this bridge. Write “enable quill” again. Chats: 0.",
  );
  client.state = { kind: "connected" };
  await world.says(ANA, room, "disable quill");
  expect(it.last(room)).toContain(
    "Turn Quill off? This bridge is removed from the linked devices of your Quill account, which stays as it is. The bridge's keys and what waits to be sent are deleted. If you turn it on",
  );
  await world.says(ANA, room, "disable quill yes");
  expect(it.last(room)).toBe(
    "bot: Quill is off: this bridge is none of the linked devices of your Quill account any more, and its keys and waiting messages are deleted. Write “enable quill” to turn it on again.",
  );
});
