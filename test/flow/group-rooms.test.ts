import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow, PEOPLE } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const [dirk, eva] = ["Dirk" as PersonId, "Eva" as PersonId];

describe("a group's room", () => {
  test("is made with the first message, named and with a picture as the group, and its people in it", async () => {
    await using flow = await GroupFlow.begin();
    flow.group.topic = "Dinner\non Sunday";
    flow.group.avatar = "picture-1";
    flow.world.network.files.set("picture-1", new Uint8Array([1, 2, 3]));
    await flow.group.says("Carla", "1", "hello");
    await settle();
    const { room } = flow;
    expect(room.spec).toMatchObject({ name: "Family (WhatsApp)", topic: "Dinner\non Sunday", direct: false });
    expect(flow.shown).toEqual(["Carla: hello"]);
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
    expect(room.members.get(ANA)).toBe("invite");
    const { url } = room.state.get("m.room.avatar ") as { readonly url: string };
    expect(flow.homeserver.files.get(url)?.bytes).toEqual(Buffer.from([1, 2, 3]));
    const bridge = Array.from(room.state).find(([key]) => key.startsWith("m.bridge "))?.[1];
    expect(bridge).toMatchObject({ channel: { id: flow.chat, displayname: "Family" } });
    expect(bridge).not.toHaveProperty("com.beeper.room_type");
  });

  test("gives admins and the owner power below the bot's", async () => {
    await using flow = await GroupFlow.open();
    expect(["Bram", "Carla", "Dirk"].map((who) => flow.powerOf(who))).toEqual([75, 50, 0]);
    await flow.group.does("Bram", "roles", {
      kind: "group-roles",
      changes: [
        { person: dirk, role: "admin" },
        { person: "Carla" as PersonId, role: "member" },
      ],
    });
    await settle();
    expect(["Bram", "Carla", "Dirk"].map((who) => flow.powerOf(who))).toEqual([75, 0, 50]);
    expect(flow.shown.at(-1)).toBe("bot: Bram decided: Dirk is an admin now and Carla is no admin any more.");
  });

  test("follows the group's name, topic and picture, and says who changed them", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.does("Carla", "n", { kind: "group-name", name: "Dinner" });
    await flow.group.does("Carla", "t", { kind: "group-topic", topic: "Sunday" });
    flow.world.network.files.set("picture-2", new Uint8Array([4]));
    await flow.group.does("Bram", "a", { kind: "group-avatar", avatar: "picture-2" });
    await settle();
    const { state } = flow.room;
    expect(state.get("m.room.name ")).toEqual({ name: "Dinner (WhatsApp)" });
    expect(state.get("m.room.topic ")).toEqual({ topic: "Sunday" });
    const { url } = state.get("m.room.avatar ") as { readonly url: string };
    expect(flow.homeserver.files.get(url)?.bytes).toEqual(Buffer.from([4]));
    expect(flow.shown.slice(-3)).toEqual([
      "bot: Carla named the group “Dinner”.",
      "bot: Carla changed what the group is about.",
      "bot: Bram changed the group's picture.",
    ]);
    await flow.group.does("Bram", "a2", { kind: "group-avatar", avatar: "" });
    await settle();
    expect(flow.room.state.get("m.room.avatar ")).not.toEqual({ url });
  });

  test("lets people in and out as the group does", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.moves("Eva", "j", [{ person: eva, name: "Eva", membership: "joined" }]);
    await settle();
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk", "Eva"]);
    await flow.group.moves("Bram", "l", [
      { person: dirk, membership: "left" },
      { person: eva, membership: "left" },
    ]);
    await settle();
    expect(flow.present).toEqual(["Bram", "Carla"]);
    expect(flow.shown.at(-1)).toBe("bot: Bram removed Dirk and Eva.");
    await flow.group.moves("Bram", "j2", [{ person: dirk, membership: "joined" }]);
    await settle();
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
  });

  test("who writes and was not known to be there is in it for that", async () => {
    await using flow = await GroupFlow.open({ Bram: "owner" });
    await flow.group.says("Zoe", "z", "here I am");
    await settle();
    expect(flow.shown.at(-1)).toBe("Zoe: here I am");
  });

  test("shows a message though none of the members can be brought there", async () => {
    await using flow = await GroupFlow.begin();
    const join = flow.homeserver.join.bind(flow.homeserver);
    let refusing = true;
    flow.homeserver.join = async (user, room) => {
      if (refusing && user !== flow.ghostOf("Carla")) throw new Error("no");
      return join(user, room);
    };
    await flow.group.says("Carla", "1", "hello");
    await settle();
    expect(flow.shown).toEqual(["Carla: hello"]);
    refusing = false;
    await flow.world.clock.advance(60_000);
    expect(flow.present).toEqual(Object.keys(PEOPLE));
  });

  test("is read-only once its person is out of the group, and goes on when they are back", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await settle();
    expect(flow.room.archived).toBe(true);
    expect(flow.shown.at(-1)).toBe("bot: You are no longer in this group. Its history stays here.");
    await flow.client.sink.ended({ kind: "withdrawn", words: "The end." });
    await flow.client.sink.resumed();
    await settle();
    expect(flow.room.archived).toBe(true);
    await flow.group.movesOurs("Bram", "in", ANA, "joined");
    await flow.group.says("Bram", "2", "welcome back");
    await settle();
    expect(flow.room.archived).toBe(false);
    expect(flow.shown.slice(-2)).toEqual([
      "bot: You are in this group again: you can write here.",
      "Bram: welcome back",
    ]);
  });

  test("is there at once when its person is added to a group", async () => {
    await using flow = await GroupFlow.begin();
    await flow.group.movesOurs("Bram", "in", ANA, "joined");
    await settle();
    expect(flow.room.members.get(ANA)).toBe("invite");
    expect(flow.present).toEqual(Object.keys(PEOPLE));
  });

  test("waits for the network to say what the chat is, and is made when it is back", async () => {
    await using flow = await GroupFlow.begin();
    flow.client.state = { kind: "waiting", words: "away." };
    await flow.group.says("Bram", "1", "hello");
    await settle();
    expect(() => flow.room).toThrow("there are 0 rooms");
    flow.client.state = { kind: "connected" };
    flow.client.sink.state(flow.client.state);
    await settle();
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("of a chat between two knows nothing of a group's changes", async () => {
    await using flow = await GroupFlow.begin();
    await flow.client.says("Bram", "d", "just us");
    await flow.client.brings({
      ...flow.group.event("Bram", "x", { kind: "group-name", name: "Other" }),
      chat: "Bram" as typeof flow.chat,
    });
    await settle();
    expect(flow.shown).toEqual(["Bram: just us"]);
  });
});
