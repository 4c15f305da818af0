import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { fromBram, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

async function open(world: FlowWorld) {
  const { client } = await world.optsIn(ANA);
  await client.says("Bram", "1", "hello");
  await settle();
  const { room: id } = await world.portal(ANA, "Bram");
  return { client, id, room: world.homeserver.room(id) };
}

describe("when an older copy of the homeserver was put back", () => {
  test("the contact and the person are in the room again, and the contact has its name", async () => {
    await using world = await FlowWorld.start();
    const { client, id, room } = await open(world);
    const ghosts = [...world.homeserver.names.keys()];
    const named = new Map(world.homeserver.names);
    for (const user of [ANA, ...ghosts]) if (user !== world.homeserver.bot) room.members.delete(user);
    world.homeserver.names.clear();
    const title = room.state.get("m.room.name ");
    room.setState(world.homeserver.bot, "m.room.name", "", { name: "the one before" });
    await world.bridge.intake.rolledBack();
    await settle();
    expect(room.members.get(ANA)).toBe("invite");
    expect(title).toBeDefined();
    expect(room.state.get("m.room.name ")).toEqual(title);
    for (const [ghost, name] of named) {
      expect(world.homeserver.names.get(ghost)).toBe(name);
      expect(room.members.get(ghost)).toBe("join");
    }
    await client.says("Bram", "2", "and on");
    await settle();
    expect(world.homeserver.shown(id)).toEqual(["Bram: hello", "Bram: and on"]);
  });

  test("a room that a message has put in order by then has its name again all the same", async () => {
    await using world = await FlowWorld.start();
    const { id, room } = await open(world);
    const title = room.state.get("m.room.name ");
    room.setState(world.homeserver.bot, "m.room.name", "", { name: "the one before" });
    const portal = await world.portal(ANA, "Bram");
    const { logins } = world.store;
    // The message is handled between the note that all is doubted and the look at the rooms.
    const write = world.store.write.bind(world.store);
    world.store.logins.all = async () => {
      await write((tx) => tx.portals.setMember(portal, "invited"));
      return [await logins.get(portal.login)].flatMap((login) => login ?? []);
    };
    await world.bridge.intake.rolledBack();
    await settle();
    expect(room.id).toBe(id);
    expect(room.state.get("m.room.name ")).toEqual(title);
  });

  test("somebody who had left is not asked in again for it", async () => {
    await using world = await FlowWorld.start();
    const { id, room } = await open(world);
    room.members.set(ANA, "leave");
    await world.moves(ANA, id, "leave");
    await world.bridge.intake.rolledBack();
    await settle();
    expect(room.members.get(ANA)).toBe("leave");
  });

  test("a room that was closed since is closed again", async () => {
    await using world = await FlowWorld.start();
    const { client, room } = await open(world);
    await client.brings({ ...fromBram("gone"), kind: "reachability", state: "gone" });
    await settle();
    expect(room.archived).toBe(true);
    room.reopen(world.homeserver.bot);
    await world.bridge.intake.rolledBack();
    await settle();
    expect(room.archived).toBe(true);
  });

  test("an edit of what was lost says its words, a reaction and a deletion stop nothing", async () => {
    await using world = await FlowWorld.start();
    const { client, id, room } = await open(world);
    const [hello] = room.events;
    room.timeline.splice(0);
    const { homeserver } = world;
    const send = homeserver.send.bind(homeserver);
    // As Synapse does: 400 for a relation, 404 for a redaction of what it does not know.
    homeserver.send = async (event) => {
      const refers = JSON.stringify(event.content).includes(hello?.event ?? "none");
      const reason = event.type === "m.room.redaction" ? "not-found" : "bad-input";
      if (refers) throw new BridgeError(reason, { words: "unknown event", certain: true });
      return send(event);
    };
    await client.brings({
      ...fromBram("e"),
      kind: "edit",
      target: fromBram("1").id,
      message: said("hello, changed"),
    });
    await client.brings({
      ...fromBram("r"),
      kind: "reaction",
      target: fromBram("1").id,
      own: false,
      emoji: "🙂",
    });
    await client.brings({ ...fromBram("d"), kind: "delete", target: fromBram("1").id });
    await client.says("Bram", "2", "and on");
    await settle();
    expect(homeserver.shown(id)).toEqual(["Bram: hello", "Bram: hello, changed", "Bram: and on"]);
  });

  test("a file it lost before its message was there is brought again", async () => {
    await using world = await FlowWorld.start();
    const { client, room } = await open(world);
    const { homeserver } = world;
    world.network.files.set("f", Buffer.from("png"));
    const send = homeserver.send.bind(homeserver);
    const lost: string[] = [];
    homeserver.send = async (event) => {
      const { url } = event.content;
      if (typeof url !== "string" || lost.length > 0) return send(event);
      lost.push(url);
      homeserver.files.delete(url);
      throw new BridgeError("homeserver-unreachable", { words: "away", certain: false, retryAfter: 0 });
    };
    const media = {
      kind: "image",
      mimetype: "image/png",
      name: "a.png",
      source: { at: "network", ref: "f" },
    } as const;
    await client.brings({
      ...fromBram("2"),
      kind: "message",
      message: { parts: [{ kind: "media", media }] },
    });
    await settle();
    await world.clock.advance(60_000);
    await settle();
    const [shown, ...more] = room.events.filter(({ send: sent }) => sent.content["msgtype"] === "m.image");
    expect(more).toEqual([]);
    const url = String(shown?.send.content["url"]);
    expect(url).not.toBe(lost[0]);
    expect(homeserver.files.get(url)?.bytes.toString()).toBe("png");
  });
});
