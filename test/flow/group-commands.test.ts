import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const asks = async (flow: GroupFlow, command: string): Promise<string> => {
  await flow.world.says(ANA, flow.management, command);
  return flow.homeserver.shown(flow.management).at(-1) ?? "";
};

describe("a command that names a group, or somebody in one", () => {
  test.each(["block", "report"])("%s says what to do instead", async (verb) => {
    await using flow = await GroupFlow.open();
    expect(await asks(flow, `${verb} whatsapp family`)).toMatch(
      new RegExp(`^bot: “family” is a group, and “${verb}” is about one person. Write “${verb} whatsapp …”`),
    );
    expect(await asks(flow, `${verb} whatsapp Carla`)).toBe(
      `bot: Carla is in the group “Family” with you, and you have no chat of your own with them. Write “start-chat whatsapp …” with a phone number with country code to open one, and then “${verb} whatsapp Carla”.`,
    );
  });

  test("verify says what to do instead of a group", async () => {
    await using flow = await GroupFlow.open();
    expect(await asks(flow, "verify whatsapp family")).toMatch(
      /^bot: “family” is a group, and “verify” is about one person. Write “verify whatsapp …”/,
    );
  });

  test("verify is for any member, also one with whom there is no chat", async () => {
    await using flow = await GroupFlow.open();
    await flow.world.says(ANA, flow.management, "verify whatsapp Carla");
    const [number] = flow.homeserver.shown(flow.management).slice(-2);
    expect(number).toMatch(/^bot: Your safety number with Carla \(not verified\):/);
    expect(await asks(flow, "yes")).toMatch(/^bot: Carla is verified\./);
    await flow.group.does("Carla", "x", { kind: "identity-changed" });
    await flow.world.says(ANA, flow.id, "secret");
    expect(flow.client.taken).toHaveLength(0);
    expect(flow.shown.at(-1)).toMatch(
      /another safety number than you verified. Write “verify whatsapp Carla”/,
    );
    await asks(flow, "verify whatsapp Carla");
    await asks(flow, "yes");
    await flow.world.says(ANA, flow.id, "with her");
    expect(flow.client.taken).toHaveLength(1);
    // A chat of two that begins later is hers, and she is verified in it.
    await flow.client.says("Carla", "d", "just us");
    await settle();
    expect(await asks(flow, "unverified whatsapp Carla")).toMatch(/^bot: Carla is not verified/);
  });

  test("verify tells members of one name apart, and a member from a contact", async () => {
    await using flow = await GroupFlow.open();
    const { network, store } = flow.world;
    await store.write((tx) => tx.ghosts.setName(network.id, "Dirk" as PersonId, "Carla"));
    const dirk = `“verify whatsapp ${flow.ghostOf("Dirk")}”`;
    expect(await asks(flow, "verify whatsapp Carla")).toContain(dirk);
    expect(await asks(flow, `verify whatsapp ${flow.ghostOf("Dirk")} yes`)).toMatch(
      /^bot: Carla is verified\./,
    );
    const { id } = flow;
    await flow.client.says("Carla", "d", "just us");
    await flow.group.does("Dirk", "x", { kind: "identity-changed" });
    await settle();
    // The event told his name anew.
    await store.write((tx) => tx.ghosts.setName(network.id, "Dirk" as PersonId, "Carla"));
    await flow.world.says(ANA, id, "secret");
    expect(flow.homeserver.shown(id).at(-1)).toContain(dirk);
  });

  test("acts on the contact where there is a chat with them", async () => {
    await using flow = await GroupFlow.open();
    await flow.client.says("Carla", "d", "just us");
    await settle();
    expect(await asks(flow, "block whatsapp Carla")).toMatch(/^bot: Carla is blocked/);
    await flow.group.says("Carla", "2", "in the group");
    await settle();
    const rooms = Array.from(flow.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "portal");
    expect(rooms.flatMap(({ id }) => flow.homeserver.shown(id))).toContain("Carla: in the group");
  });

  test("mutes it, sends again what failed there, and makes it a new room", async () => {
    await using flow = await GroupFlow.open();
    expect(await asks(flow, "mute whatsapp Family")).toMatch(
      /leave the chat with the group “Family”, you are not/,
    );
    flow.client.faults.push({
      when: "before",
      error: new BridgeError("remote-refused", { words: "No.", certain: true }),
    });
    const event = flow.world.text(ANA, flow.id, "dinner?");
    flow.homeserver.written.set(event.id, event);
    await flow.world.push(event);
    expect(await asks(flow, "retry whatsapp Family")).toMatch(
      /^bot: 1 message to the group “Family” is on its way/,
    );
    expect(flow.client.taken).toHaveLength(1);
    const before = flow.id;
    expect(await asks(flow, "new-room whatsapp Family")).toMatch(
      /new room for your chat with the group “Family”/,
    );
    await flow.world.clock.advance(60_000);
    const next = Array.from(flow.homeserver.rooms.values()).find(
      ({ spec, id }) => spec.kind === "portal" && id !== before,
    );
    expect(next?.members.get(flow.ghostOf("Dirk"))).toBe("join");
    expect(next?.members.get(ANA)).toBe("invite");
  });

  test("moves it with the inbox", async () => {
    await using flow = await GroupFlow.open();
    expect(await asks(flow, "inbox separate")).toMatch(/Your chat is now in the Space/);
    expect(Array.from(flow.room.state.keys()).some((key) => key.startsWith("m.space.parent "))).toBe(true);
  });

  test("tells it apart from another of its name, and from a contact's chat, by what it is on the network", async () => {
    await using flow = await GroupFlow.open();
    const { network, store } = flow.world;
    const { id } = flow;
    const other = network.group("Walks", { Carla: "owner" }, [ANA]);
    await other.says("Carla", "o", "we too");
    await other.does("Carla", "n", { kind: "group-name", name: "Family" });
    await settle();
    const each = [flow.chat, other.chat].map((chat) => `“leave-group whatsapp ${chat}”`);
    const asked = await asks(flow, "leave-group whatsapp family");
    for (const command of each) expect(asked).toContain(command);
    expect(asked).toContain(`for https://matrix.to/#/${id}`);
    expect(await asks(flow, `leave-group whatsapp ${other.chat}`)).toMatch(/^bot: Leave the group “Family”/);
    await asks(flow, "yes");
    await settle();
    expect(other.ours.has(ANA)).toBe(false);
    expect(flow.group.ours.has(ANA)).toBe(true);
    // Somebody with whom there is a chat calls themselves like the group.
    await flow.client.says("Dirk", "d", "just us");
    await settle();
    await store.write((tx) => tx.ghosts.setName(network.id, "Dirk" as PersonId, "Family"));
    const both = await asks(flow, "mute whatsapp Family");
    const [, tag] = /“mute whatsapp (Family #\w+)”/.exec(both) ?? [];
    expect(both).toContain(`“mute whatsapp ${flow.chat}”`);
    expect(await asks(flow, `mute whatsapp ${tag}`)).toMatch(/^bot: If you leave the chat with Family, you/);
    expect(await asks(flow, `mute whatsapp ${flow.chat}`)).toMatch(/the chat with the group “Family”, you/);
    expect(await asks(flow, "leave-group whatsapp Family")).toMatch(/^bot: Leave the group “Family”/);
  });

  test.each(["Vote yes", "Oh no"])(
    "is about the one that is called “%s”, not about an answer",
    async (name) => {
      await using flow = await GroupFlow.open();
      await flow.group.does("Bram", "n", { kind: "group-name", name });
      await settle();
      expect(await asks(flow, "leave-group whatsapp")).toBe(
        `bot: Which group?\n• “leave-group whatsapp ${flow.chat}”`,
      );
      expect(await asks(flow, `leave-group whatsapp ${flow.chat}`)).toContain(`Leave the group “${name}”`);
    },
  );

  test("says which groups there are where none is named, or none has that name", async () => {
    await using flow = await GroupFlow.open();
    const offered = "Which group?\n• “leave-group whatsapp Family”";
    expect(await asks(flow, "leave-group whatsapp")).toBe(`bot: ${offered}`);
    expect(await asks(flow, "leave-group whatsapp Famly")).toBe(
      `bot: You are in no group called “Famly” on WhatsApp. ${offered}`,
    );
    expect(await asks(flow, "mute whatsapp")).toContain("with the contact's or the group's name as the chat");
    flow.client.granted = { ...flow.client.granted, closed: "Not now." };
    flow.client.sink.capabilities(() => flow.client.granted);
    await settle();
    expect(await asks(flow, "leave-group whatsapp Family")).toBe(
      "bot: Not now. You can leave a group when that is over.",
    );
  });
});
